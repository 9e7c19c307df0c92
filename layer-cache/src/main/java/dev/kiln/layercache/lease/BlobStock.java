package dev.kiln.layercache.lease;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import dev.kiln.layercache.content.DiskContentStore;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/** The blobs of a content store. The time of a blob's file is when it was used last. */
public final class BlobStock implements Stock {
    private final DiskContentStore content;
    private final Holders holders;

    /**
     * Those that need blobs for as long as they name them: the registry's images, builds that wait. A blob that comes to be
     * named after the question was answered must be in use with a grace until the next one, see
     * {@link Leases#use(Item, java.time.Duration)}.
     */
    @FunctionalInterface
    public interface Holders {
        Holders NOBODY = Set::of;

        /** All blobs that are held now. */
        Set<Digest> held() throws IOException;
    }

    public BlobStock(DiskContentStore content, Holders holders) {
        this.content = content;
        this.holders = holders;
    }

    @Override
    public List<Stocked> list() throws IOException {
        Set<Digest> held = holders.held();
        List<Stocked> all = new ArrayList<>();
        content.forEachFile((digest, file) -> {
            Optional<FileStat> stat = Posix.lstatIfExists(RawPath.of(file));
            if (stat.isPresent()) {
                all.add(stocked(digest, file, stat.get(), held.contains(digest)));
            }
        });
        return all;
    }

    private static Stocked stocked(Digest digest, Path file, FileStat stat, boolean held) {
        Instant used = stat.modified();
        return new Stocked(Item.blob(digest), file, stat.space().disk(),
                new Stocked.Times(stat.times().born().orElse(used), used), held,
                held ? "part of an image or a build of the farm's registry" : "");
    }

    @Override
    public void used(String id, Instant when) throws IOException {
        Optional<Path> file = content.file(Digest.parse(id));
        if (file.isPresent()) {
            Marks.used(file.get(), when);
        }
    }

    @Override
    public Optional<Disposal> take(String id) throws IOException {
        Digest digest = Digest.parse(id);
        if (content.file(digest).isEmpty()) {
            return Optional.empty();
        }
        content.delete(digest);
        return Optional.of(Disposal.DONE);
    }
}
