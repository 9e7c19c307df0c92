package dev.kiln.executor.snapshot;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

import dev.kiln.executor.snapshot.SnapshotFiles.Mark;
import dev.kiln.layercache.lease.Item;
import dev.kiln.layercache.lease.Marks;
import dev.kiln.layercache.lease.Sizes;
import dev.kiln.layercache.lease.Stock;
import dev.kiln.layercache.lease.Stocked;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/** Snapshots as what can be collected. The time of a snapshot's directory is when it was used last. */
public final class LayerStock implements Stock {
    private final SnapshotFiles files;
    private final Supplier<String> ids;
    private final Sizes sizes = new Sizes();

    LayerStock(SnapshotFiles files, Supplier<String> ids) {
        this.files = files;
        this.ids = ids;
    }

    /** The names of all snapshots; to ask is no use of them. */
    public Set<String> names() throws IOException {
        return Set.copyOf(files.names());
    }

    @Override
    public List<Stocked> list() throws IOException {
        List<String> names = files.names();
        List<Stocked> all = new ArrayList<>();
        for (String name : names) {
            Path directory = files.snapshot(name);
            Optional<FileStat> stat = Posix.lstatIfExists(RawPath.of(directory));
            if (stat.isPresent()) {
                Instant used = stat.get().modified();
                all.add(new Stocked(Item.layer(name), directory, bytes(name, directory),
                        new Stocked.Times(stat.get().times().born().orElse(used), used), false,
                        name.startsWith("step-") ? "made by a step" : "unpacked from " + name.replace('-', ':')));
            }
        }
        sizes.retain(new HashSet<>(names));
        return all;
    }

    /** What is not written out may still get other blocks. */
    private long bytes(String name, Path directory) throws IOException {
        return sizes.of(name, files.isMarked(name, Mark.DURABLE) ? Mark.DURABLE : new Object(), directory);
    }

    @Override
    public void used(String id, Instant when) throws IOException {
        Marks.used(files.snapshot(id), when);
    }

    @Override
    public Optional<Disposal> take(String id) throws IOException {
        return files.discard(id, ids.get()).map(trash -> () -> SnapshotFiles.deleteTree(trash));
    }
}
