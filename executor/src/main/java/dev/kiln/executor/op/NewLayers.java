package dev.kiln.executor.op;

import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

import dev.kiln.executor.snapshot.Snapshotter;
import dev.kiln.executor.solver.Result;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.layer.PackedLayer;

/**
 * Makes the layer of a step: a writable view of what is below, the step's work in it, and a new layer on top. What comes
 * next can use the layer at once; it is packed and made durable meanwhile. Safe for many threads.
 */
public final class NewLayers {
    private final Snapshotter snapshots;
    private final LayerStacks stacks;
    private final LayerPacking packing;
    private final FileThreads threads;
    private final InstantSource clock;
    private final Semaphore packers;

    public NewLayers(Snapshotter snapshots, LayerStacks stacks, LayerPacking packing, FileThreads threads,
            InstantSource clock) {
        this(snapshots, stacks, packing, threads, clock,
                new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors())));
    }

    private NewLayers(Snapshotter snapshots, LayerStacks stacks, LayerPacking packing, FileThreads threads,
            InstantSource clock, Semaphore packers) {
        this.snapshots = snapshots;
        this.stacks = stacks;
        this.packing = packing;
        this.threads = threads;
        this.clock = clock;
        this.packers = packers;
    }

    /** The same over other stacks; both together pack no more at a time. */
    NewLayers with(LayerStacks others) {
        return new NewLayers(snapshots, others, packing, threads, clock, packers);
    }

    /** What a step does in its view. When it fails, what it wrote is thrown away. */
    interface Work {
        void in(Snapshotter.Active view) throws IOException, StepFailed, InterruptedException;
    }

    Result over(Result base, Work work) throws IOException, StepFailed, InterruptedException {
        try (Snapshotter.Active view = snapshots.begin(stacks.of(base))) {
            work.in(view);
            String snapshot = view.commit();
            return base.plus(new Result.Layer(Optional.of(snapshot), pack(snapshot)));
        }
    }

    private CompletableFuture<CachedLayer> pack(String snapshot) {
        CompletableFuture<CachedLayer> packed = new CompletableFuture<>();
        Instant created = clock.instant();
        threads.start(() -> {
            try {
                packed.complete(packAndSync(snapshot, created));
            } catch (Throwable e) {
                packed.completeExceptionally(e);
            }
        });
        return packed;
    }

    private CachedLayer packAndSync(String snapshot, Instant created) throws IOException, InterruptedException {
        packers.acquire();
        PackedLayer layer;
        try {
            layer = packing.pack(snapshots.directory(snapshot));
        } finally {
            packers.release();
        }
        snapshots.sync(snapshot);
        return new CachedLayer(layer.diffId(), layer.blob(), layer.tarSize(), Optional.of(snapshot),
                Optional.of(created));
    }
}
