package dev.kiln.executor.farmcache;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.executor.exporter.BlobUploads;
import dev.kiln.executor.exporter.ExportException;
import dev.kiln.layercache.index.CacheEntry;
import dev.kiln.layercache.index.CacheKey;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.RawManifest;
import dev.kiln.layercache.registry.Repository;

/**
 * Leaves results in the registry behind the backs of builds: blobs first, then the manifest under each key. A few go at a time;
 * when very many wait, what comes is left out, and left again when it is of use. Safe for many threads.
 */
final class FarmUploads implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FarmUploads.class);
    private static final int AT_ONCE = 2;
    private static final int WAITING = 1000;
    /** A registry keeps a blob that it said to have for longer, see {@code GracedContent}. */
    private static final Duration BLOBS_STAY = Duration.ofMinutes(10);
    private static final int MAX_BLOBS = 20_000;
    /** How often the farm hears that a result is of use here. */
    private static final Duration DAY = Duration.ofDays(1);
    private static final int MAX_KEYS = 50_000;

    private final BlobUploads uploads;
    private final Repository place;
    private final Duration patience;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore places = new Semaphore(AT_ONCE, true);
    private final AtomicInteger waiting = new AtomicInteger();
    private final RecentSet<Digest> there;
    private final RecentSet<CacheKey> told;

    /**
     * @param uploads of blobs that are here
     * @param patience with what is under way when this is closed
     */
    FarmUploads(BlobUploads uploads, Repository place, Duration patience, InstantSource clock) {
        this.uploads = uploads;
        this.place = place;
        this.patience = patience;
        this.there = new RecentSet<>(BLOBS_STAY, MAX_BLOBS, clock);
        this.told = new RecentSet<>(DAY, MAX_KEYS, clock);
    }

    private interface Upload {
        void run() throws IOException, ExportException, InterruptedException;
    }

    void made(List<CacheEntry> entries) {
        if (!entries.isEmpty()) {
            entries.forEach(entry -> known(entry.key()));
            later(entries, () -> upload(entries));
        }
    }

    /** Asks whether the farm still has it, which counts as a use there; leaves it when not. */
    void used(CacheEntry entry) {
        if (told.add(entry.key())) {
            later(List.of(entry), () -> {
                if (place.head(StepArtifact.tag(entry.key())).isEmpty()) {
                    upload(List.of(entry));
                }
            });
        }
    }

    /** The farm has it, or gets it soon. */
    void known(CacheKey key) {
        boolean _ = told.add(key);
    }

    private void later(List<CacheEntry> entries, Upload upload) {
        if (waiting.incrementAndGet() > WAITING) {
            waiting.decrementAndGet();
            forget(entries, "too many wait already");
            return;
        }
        try {
            threads.execute(() -> {
                try {
                    attempt(entries, upload);
                } finally {
                    waiting.decrementAndGet();
                }
            });
        } catch (RejectedExecutionException e) {
            waiting.decrementAndGet();
            LOG.debug("action=leave-result key={} outcome=executor-ends", entries.getFirst().key());
        }
    }

    private void attempt(List<CacheEntry> entries, Upload upload) {
        try {
            places.acquire();
            try {
                upload.run();
            } finally {
                places.release();
            }
        } catch (IOException | ExportException e) {
            // What the registry was believed to have may be what it misses.
            there.clear();
            forget(entries, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            // The executor ends, and this was cache only.
            Thread.currentThread().interrupt();
        }
    }

    private void forget(List<CacheEntry> entries, String reason) {
        LOG.info("action=leave-result key={} outcome=left-out reason=\"{}\"", entries.getFirst().key(), reason);
        entries.forEach(entry -> told.remove(entry.key()));
    }

    private void upload(List<CacheEntry> entries) throws IOException, ExportException, InterruptedException {
        StepArtifact artifact = StepArtifact.of(entries);
        for (Descriptor blob : artifact.blobs()) {
            if (!there.contains(blob.digest())) {
                uploads.bring(blob, place, List.of());
                boolean _ = there.add(blob.digest());
            }
        }
        if (there.add(StepArtifact.CONFIG_BLOB.digest())) {
            uploads.bring(StepArtifact.CONFIG_BLOB, StepArtifact.CONFIG, place);
        }
        RawManifest manifest = RawManifest.of(artifact.toManifest());
        for (CacheKey key : artifact.keys()) {
            place.putManifest(StepArtifact.tag(key), manifest);
        }
        LOG.debug("action=leave-result keys={} layers={}", artifact.keys().size(), artifact.layers().size());
    }

    /** Gives what is under way and what waits some time; the rest is given up. */
    @Override
    public void close() {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.info("action=leave-result outcome=given-up waiting={}", waiting.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        threads.shutdownNow();
        threads.close();
    }
}
