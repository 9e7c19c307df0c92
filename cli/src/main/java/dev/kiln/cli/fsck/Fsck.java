package dev.kiln.cli.fsck;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.kiln.api.distribution.RegistryCheck;
import dev.kiln.api.distribution.TagStore;
import dev.kiln.executor.cachemount.CacheMountCheck;
import dev.kiln.executor.snapshot.SnapshotCheck;
import dev.kiln.executor.snapshot.Snapshotter;
import dev.kiln.layercache.content.BlobCheck;
import dev.kiln.layercache.content.DiskContentStore;
import dev.kiln.layercache.durable.Findings;
import dev.kiln.layercache.durable.FolderLock;
import dev.kiln.layercache.index.CacheEntry;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.index.IndexCheck;
import dev.kiln.layercache.layer.Compression;
import dev.kiln.layercache.layer.LayerPacker;
import dev.kiln.layercache.oci.Digest;

/** Checks everything in a data folder, and takes away what is damaged when that is wanted. */
public final class Fsck {
    private final DataFolder folder;
    private final Findings findings;

    private Fsck(DataFolder folder, Findings findings) {
        this.folder = folder;
        this.findings = findings;
    }

    /**
     * Checks a folder.
     *
     * @throws NotOurs when it is none of Kiln's, or a process uses it
     */
    public static Findings run(Path root, boolean repair) throws IOException, NotOurs {
        DataFolder folder = DataFolder.of(root.toAbsolutePath().normalize());
        if (!folder.isOne()) {
            throw new NotOurs(root + " is no data folder of kiln up, kiln worker or kiln api");
        }
        try (FolderLock _ = take(folder.owned(), root)) {
            take(folder.shared(), root).close();
            Findings findings = new Findings(repair);
            new Fsck(folder, findings).check();
            return findings;
        }
    }

    private static FolderLock take(List<Path> folders, Path root) throws IOException, NotOurs {
        return FolderLock.tryAll(folders)
            .orElseThrow(() -> new NotOurs("a process uses " + root + "; stop it first"));
    }

    /** The folder cannot be checked; the message says why. */
    public static final class NotOurs extends Exception {
        NotOurs(String message) {
            super(message);
        }
    }

    private void check() throws IOException {
        Set<Digest> blobs = BlobCheck.run(folder.content(), findings);
        List<CacheEntry> entries = IndexCheck.run(folder.index(), findings);
        Set<String> snapshots = snapshots(entries);
        long stale = entries.stream().filter(entry -> isStale(entry, blobs, snapshots)).count();
        if (stale > 0) {
            findings.note(stale + " entries of the index name layers that are gone; they count as misses");
        }
        CacheMountCheck.run(folder.caches(), findings);
        if (Files.isDirectory(folder.registry())) {
            try (DiskContentStore content = DiskContentStore.open(folder.content());
                    TagStore tags = TagStore.open(folder.registry())) {
                RegistryCheck.run(tags, content, blobs, findings);
            }
        }
    }

    private Set<String> snapshots(List<CacheEntry> entries) throws IOException {
        Map<String, Digest> known = new HashMap<>();
        for (CacheEntry entry : entries) {
            for (CachedLayer layer : entry.layers()) {
                layer.snapshot()
                    .filter(name -> !name.equals(Snapshotter.nameOf(layer.diffId())))
                    .ifPresent(name -> known.put(name, layer.diffId()));
            }
        }
        try (LayerPacker packer = new LayerPacker(new Nowhere(), 1)) {
            return SnapshotCheck.run(folder.snapshots(), known,
                    layer -> packer.pack(layer, Compression.NONE).diffId(), findings);
        }
    }

    private static boolean isStale(CacheEntry entry, Set<Digest> blobs, Set<String> snapshots) {
        return entry.layers()
            .stream()
            .filter(layer -> layer.created().isPresent())
            .anyMatch(layer -> !blobs.contains(layer.blob().digest())
                    && layer.snapshot().filter(snapshots::contains).isEmpty()
                    && !snapshots.contains(Snapshotter.nameOf(layer.diffId())));
    }
}
