package dev.kiln.executor.exchange;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.executor.exporter.BlobUploads;
import dev.kiln.executor.exporter.ExportException;
import dev.kiln.executor.exporter.LayerTypes;
import dev.kiln.executor.logging.LogFields;
import dev.kiln.executor.solver.Result;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.registry.Repository;

/**
 * Pushes layers to one repository behind the back of the build, from the moment that each is packed. Failures are kept
 * until somebody asks for the layer, who then tries once more. Safe for many threads.
 */
final class LayerPusher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LayerPusher.class);
    private static final int AT_ONCE = 3;

    private final BlobUploads uploads;
    private final Repository to;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore places = new Semaphore(AT_ONCE);
    /** Guarded by this. */
    private final Map<Digest, CompletableFuture<Void>> pushed = new HashMap<>();

    LayerPusher(BlobUploads uploads, Repository to) {
        this.uploads = uploads;
        this.to = to;
    }

    Repository repository() {
        return to;
    }

    /**
     * Pushes the layer as soon as it is packed; does not wait. Does nothing when this is closed: a step may go on for
     * other builds when the one that began it has left.
     */
    void later(Result.Layer layer) {
        try {
            threads.execute(LogFields.carry(() -> pushWhenPacked(layer)));
        } catch (RejectedExecutionException e) {
            LOG.debug("action=push-layer outcome=build-left to={}", to);
        }
    }

    private void pushWhenPacked(Result.Layer layer) {
        try {
            CompletableFuture<Void> unused = push(LayerTypes.toOci(layer.packed().get().blob()));
        } catch (ExecutionException | RejectedExecutionException e) {
            LOG.info("action=push-layer outcome=not-pushed to={}", to, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized CompletableFuture<Void> push(Descriptor blob) {
        CompletableFuture<Void> before = pushed.get(blob.digest());
        if (before != null && !before.isCompletedExceptionally()) {
            return before;
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        pushed.put(blob.digest(), done);
        threads.execute(() -> {
            try {
                places.acquire();
                try {
                    uploads.bring(blob, to, List.of());
                } finally {
                    places.release();
                }
                done.complete(null);
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }

    /** Returns when all of these blobs are there. */
    void finish(List<Descriptor> blobs) throws ExportException, InterruptedException {
        List<CompletableFuture<Void>> all = blobs.stream().map(this::push).toList();
        for (CompletableFuture<Void> one : all) {
            try {
                one.get();
            } catch (ExecutionException e) {
                switch (e.getCause()) {
                    case ExportException failed -> throw failed;
                    case InterruptedException interrupted -> throw interrupted;
                    case null, default -> throw new IllegalStateException("pushing a layer failed", e.getCause());
                }
            }
        }
    }

    /** What is still under way is given up. */
    @Override
    public void close() {
        threads.shutdownNow();
        threads.close();
    }
}
