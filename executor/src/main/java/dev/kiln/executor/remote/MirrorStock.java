package dev.kiln.executor.remote;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.kiln.layercache.lease.Item;
import dev.kiln.layercache.lease.Kind;
import dev.kiln.layercache.lease.Sizes;
import dev.kiln.layercache.lease.Stock;
import dev.kiln.layercache.lease.Stocked;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/** Mirrors as what can be collected. One that git works in has its lock taken, and stays. */
final class MirrorStock implements Stock {
    private static final Pattern NAME = Pattern.compile("[0-9a-f]{64}");

    private final Path directory;
    private final Stripes locks;
    private final Sizes sizes = new Sizes();

    MirrorStock(Path directory, Stripes locks) {
        this.directory = directory;
        this.locks = locks;
    }

    @Override
    public List<Stocked> list() throws IOException {
        List<Stocked> all = new ArrayList<>();
        for (Path mirror : mirrors()) {
            Optional<FileStat> stat = Posix.lstatIfExists(RawPath.of(mirror));
            if (stat.isPresent()) {
                String name = mirror.getFileName().toString();
                Instant used = stat.get().modified();
                all.add(new Stocked(new Item(Kind.GIT, name), mirror, sizes.of(name, used, mirror),
                        new Stocked.Times(stat.get().times().born().orElse(used), used), false,
                        "mirror of a git repository"));
            }
        }
        sizes.retain(all.stream().map(stocked -> stocked.item().id()).collect(Collectors.toSet()));
        return all;
    }

    private List<Path> mirrors() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(path -> NAME.matcher(path.getFileName().toString()).matches()).toList();
        }
    }

    @Override
    public void used(String id, Instant when) {
        // A mirror's time is set whenever it is used.
    }

    @Override
    public Optional<Disposal> take(String id) throws IOException {
        if (!NAME.matcher(id).matches()) {
            return Optional.empty();
        }
        Optional<Stripes.Held> lock = locks.tryAcquire(id);
        if (lock.isEmpty()) {
            return Optional.empty();
        }
        try (Stripes.Held _ = lock.get()) {
            // Under the name of an unfinished one, which the next start removes when this deletion is cut short.
            RawPath going = RawPath.of(directory.resolve(id + GitMirrors.FRESH));
            Posix.deleteTree(going);
            Posix.rename(RawPath.of(directory.resolve(id)), going);
            Posix.deleteTree(going);
            return Optional.of(Disposal.DONE);
        }
    }
}
