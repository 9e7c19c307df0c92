package dev.kiln.executor.op;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.executor.snapshot.Snapshotter;
import dev.kiln.executor.solver.CachedLayers;
import dev.kiln.executor.solver.Result;
import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.layer.PackedLayer;
import dev.kiln.layercache.lease.Item;
import dev.kiln.layercache.lease.Lease;
import dev.kiln.layercache.lease.Leases;

/** What is left of layers that the index names: a snapshot, a blob, or a registry that a base image came from. */
public final class KeptLayers implements CachedLayers {
    private static final Logger LOG = LoggerFactory.getLogger(KeptLayers.class);

    private final Snapshotter snapshots;
    private final BlobReader blobs;
    private final BaseLayers bases;
    private final LayerPacking packing;
    private final Leases leases;

    /** @param leases which hear of every use of a snapshot or a blob */
    public KeptLayers(Snapshotter snapshots, BlobReader blobs, BaseLayers bases, LayerPacking packing, Leases leases) {
        this.leases = leases;
        this.snapshots = snapshots;
        this.blobs = blobs;
        this.bases = bases;
        this.packing = packing;
    }

    @Override
    public Optional<Result.Layer> restore(CachedLayer layer) throws IOException {
        Optional<String> snapshot = layer.snapshot()
            .filter(snapshots::exists)
            .or(() -> Optional.of(Snapshotter.nameOf(layer.diffId())).filter(snapshots::exists));
        boolean blob = blobs.size(layer.blob().digest()).isPresent() || bases.canPull(layer.blob());
        if (!blob && (snapshot.isEmpty() || !packAgain(layer, snapshot.get()))) {
            return Optional.empty();
        }
        CachedLayer usable = new CachedLayer(layer.diffId(), layer.blob(), layer.tarSize(), snapshot, layer.created());
        return Optional.of(new Result.Layer(snapshot, CompletableFuture.completedFuture(usable)));
    }

    @Override
    public Hold hold() {
        Lease lease = leases.open();
        return lease::close;
    }

    /** A layer that is being packed is used once more when its blob is stored. */
    @Override
    public void use(Result result) {
        for (Result.Layer layer : result.layers()) {
            layer.snapshot().map(Item::layer).ifPresent(leases::use);
            CompletableFuture<CachedLayer> packed = layer.packed();
            if (packed.isDone() && !packed.isCompletedExceptionally()) {
                leases.use(Item.blob(packed.join().blob().digest()));
                leases.use(Item.layer(Snapshotter.nameOf(packed.join().diffId())));
            }
        }
    }

    /** The blob was removed and the files are there: packing gives the same bytes again, or the layer counts as gone. */
    private boolean packAgain(CachedLayer layer, String snapshot) throws IOException {
        try {
            PackedLayer packed = packing.pack(snapshots.directory(snapshot));
            boolean same = packed.blob().digest().equals(layer.blob().digest());
            LOG.info("action=pack-again layer={} outcome={}", layer.diffId(), same ? "same" : "another");
            return same;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
