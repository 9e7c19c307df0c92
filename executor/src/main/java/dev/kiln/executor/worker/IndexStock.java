package dev.kiln.executor.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import dev.kiln.executor.snapshot.LayerStock;
import dev.kiln.executor.snapshot.Snapshotter;
import dev.kiln.layercache.content.ContentStore;
import dev.kiln.layercache.index.CacheEntry;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.index.CaffeineCacheIndex;
import dev.kiln.layercache.lease.IndexSweep;
import dev.kiln.layercache.lease.Item;
import dev.kiln.layercache.lease.Kind;
import dev.kiln.layercache.lease.Stock;
import dev.kiln.layercache.lease.Stocked;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.DiskUsage;
import dev.kiln.layercache.posix.RawPath;

/** The index: one item, of which the entries go whose results are gone. */
final class IndexStock implements Stock, IndexSweep {
    private final CaffeineCacheIndex index;
    private final LayerStock layers;
    private final ContentStore content;

    IndexStock(CaffeineCacheIndex index, LayerStock layers, ContentStore content) {
        this.index = index;
        this.layers = layers;
        this.content = content;
    }

    @Override
    public List<Stocked> list() throws IOException {
        Path entries = index.directory();
        return List.of(new Stocked(new Item(Kind.INDEX, "entries"), entries, DiskUsage.of(RawPath.of(entries)),
                new Stocked.Times(Instant.EPOCH, Instant.EPOCH), true, "which step has which result"));
    }

    @Override
    public void used(String id, Instant when) {
        // The index as a whole is always in use.
    }

    @Override
    public Optional<Disposal> take(String id) {
        return Optional.empty();
    }

    @Override
    public void sweep(boolean everything) throws IOException {
        if (everything) {
            index.clear();
            return;
        }
        Set<String> snapshots = layers.names();
        Set<Digest> blobs = new HashSet<>();
        content.forEach(blob -> blobs.add(blob.digest()));
        index.removeIf(entry -> isDead(entry, snapshots, blobs));
    }

    /** A layer of a base image can be pulled again; one that a step made is gone for good. */
    private static boolean isDead(CacheEntry entry, Set<String> snapshots, Set<Digest> blobs) {
        return entry.layers()
            .stream()
            .filter(layer -> layer.created().isPresent())
            .anyMatch(layer -> !isHere(layer, snapshots, blobs));
    }

    private static boolean isHere(CachedLayer layer, Set<String> snapshots, Set<Digest> blobs) {
        return blobs.contains(layer.blob().digest()) || layer.snapshot().filter(snapshots::contains).isPresent()
                || snapshots.contains(Snapshotter.nameOf(layer.diffId()));
    }
}
