package dev.kiln.executor.op;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

import dev.kiln.executor.logging.LogFields;
import dev.kiln.executor.snapshot.Snapshotter;
import dev.kiln.executor.solver.Result;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.oci.Descriptor;

/** Turns results into stacks of snapshots; a layer that so far is only a blob is fetched and unpacked. Safe for many threads. */
public final class LayerStacks {
    private final Snapshotter snapshots;
    private final BlobReader blobs;
    private final BaseLayers bases;
    private final FileThreads threads;

    /** @param blobs the local store, into which {@code bases} pulls */
    public LayerStacks(Snapshotter snapshots, BlobReader blobs, BaseLayers bases, FileThreads threads) {
        this.snapshots = snapshots;
        this.blobs = blobs;
        this.bases = bases;
        this.threads = threads;
    }

    /** The same, bringing in what is missing in another way. */
    LayerStacks with(BaseLayers others) {
        return new LayerStacks(snapshots, blobs, others, threads);
    }

    /** The names of the result's snapshots, base first; layers that are missing are brought in side by side. */
    public List<String> of(Result result) throws IOException, StepFailed, InterruptedException {
        List<CompletableFuture<String>> names = new ArrayList<>();
        List<Thread> fetching = new ArrayList<>();
        for (Result.Layer layer : result.layers()) {
            CompletableFuture<String> name = new CompletableFuture<>();
            names.add(name);
            if (layer.snapshot().isPresent()) {
                name.complete(layer.snapshot().get());
            } else {
                fetching.add(Thread.ofVirtual().name("layer").start(LogFields.carry(() -> bringIn(layer, name))));
            }
        }
        try {
            List<String> stack = new ArrayList<>();
            for (CompletableFuture<String> name : names) {
                stack.add(await(name));
            }
            return stack;
        } finally {
            end(fetching);
        }
    }

    private void bringIn(Result.Layer layer, CompletableFuture<String> name) {
        try {
            CachedLayer known = layer.packed().get();
            String unpacked = Snapshotter.nameOf(known.diffId());
            name.complete(snapshots.exists(unpacked)
                    ? unpacked
                    : threads.run(() -> snapshots.unpack(known.diffId(), () -> open(known.blob()))));
        } catch (Throwable e) {
            name.completeExceptionally(e);
        }
    }

    private InputStream open(Descriptor blob) throws IOException {
        if (blobs.size(blob.digest()).isEmpty()) {
            try {
                bases.pull(blob);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("pulling " + blob.digest() + " was interrupted");
            }
        }
        return blobs.open(blob.digest());
    }

    private static String await(CompletableFuture<String> name) throws IOException, StepFailed, InterruptedException {
        try {
            return name.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case StepFailed failed -> throw failed;
                case ExecutionException packing -> throw new IOException("packing a layer below failed", packing);
                case RuntimeException bug -> throw bug;
                case null, default -> throw new IOException(e.getCause());
            }
        }
    }

    /** After a failure or an interrupt the others have no purpose; nothing goes on behind the caller's back. */
    private static void end(List<Thread> fetching) throws InterruptedException {
        for (Thread thread : fetching) {
            if (thread.isAlive()) {
                thread.interrupt();
            }
        }
        for (Thread thread : fetching) {
            thread.join();
        }
    }
}
