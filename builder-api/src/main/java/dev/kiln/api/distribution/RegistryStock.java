package dev.kiln.api.distribution;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import dev.kiln.layercache.lease.BlobStock;
import dev.kiln.layercache.lease.Item;
import dev.kiln.layercache.lease.Kind;
import dev.kiln.layercache.lease.Marks;
import dev.kiln.layercache.lease.Stock;
import dev.kiln.layercache.lease.Stocked;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.FarmRepositories;
import dev.kiln.layercache.posix.DiskUsage;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * The registry as something to collect from: repositories that nobody chose a name for can go, all others stay and hold their
 * blobs. Safe for many threads.
 */
public final class RegistryStock implements Stock, BlobStock.Holders {
    /** Results of builds that were not pushed, and images that clients sent along as contexts. */
    private static final List<String> UNNAMED = List.of(FarmRepositories.BUILDS + "/",
            FarmRepositories.CONTEXTS + "/");

    private final TagStore tags;
    private final StoredManifests manifests;

    public RegistryStock(TagStore tags, StoredManifests manifests) {
        this.tags = tags;
        this.manifests = manifests;
    }

    @Override
    public List<Stocked> list() throws IOException {
        List<Stocked> all = new ArrayList<>();
        for (RepositoryName name : tags.repositories()) {
            Path folder = tags.folder(name);
            Optional<FileStat> stat = isUnnamed(name) ? Posix.lstatIfExists(RawPath.of(folder)) : Optional.empty();
            if (stat.isPresent()) {
                Instant used = stat.get().modified();
                all.add(new Stocked(new Item(Kind.RESULT, name.value()), folder, DiskUsage.of(RawPath.of(folder)),
                        new Stocked.Times(stat.get().times().born().orElse(used), used), false,
                        "an image without a name of its own"));
            }
        }
        return all;
    }

    static boolean isUnnamed(RepositoryName name) {
        return UNNAMED.stream().anyMatch(name.value()::startsWith);
    }

    @Override
    public void used(String id, Instant when) throws IOException {
        Marks.used(tags.folder(new RepositoryName(id)), when);
    }

    @Override
    public Optional<Disposal> take(String id) throws IOException {
        return tags.remove(new RepositoryName(id)) ? Optional.of(Disposal.DONE) : Optional.empty();
    }

    /** All manifests that repositories list, and all that these refer to, directly or not. */
    @Override
    public Set<Digest> held() throws IOException {
        Set<Digest> held = new HashSet<>();
        for (RepositoryName name : tags.repositories()) {
            for (Digest manifest : tags.manifests(name)) {
                // An index lists manifests that the repository lists too, so those need not be followed from it.
                held.add(manifest);
                manifests.parts(name, manifest).ifPresent(known -> held.addAll(known.parts().keySet()));
            }
        }
        manifests.forgetAllBut(held);
        return held;
    }
}
