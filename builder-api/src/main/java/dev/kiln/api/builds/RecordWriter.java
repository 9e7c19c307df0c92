package dev.kiln.api.builds;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.queue.BuildRecords;
import dev.kiln.queue.BuildRecords.BuildRecord;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.job.BuildId;

/**
 * Puts the records of builds, one after the other, on a thread of its own. Of several records of one build that wait,
 * only the newest is put. A broker that is away is asked again and again: events could be lost to age meanwhile, but
 * records that wait here are not lost before this process is.
 */
final class RecordWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RecordWriter.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private record Waiting(BuildRecord record, CompletableFuture<Void> durable) {}

    private final BuildRecords records;
    private final Map<BuildId, Waiting> waiting = new LinkedHashMap<>();
    private final Thread thread;
    private boolean closed;

    RecordWriter(BuildRecords records) {
        this.records = records;
        thread = Thread.ofVirtual().name("build-records").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Has the record put soon; the future completes when it, or a newer one of the same build, is durable. */
    synchronized CompletableFuture<Void> put(BuildRecord record) {
        Waiting before = waiting.get(record.id());
        Waiting now = new Waiting(record, before == null ? new CompletableFuture<>() : before.durable);
        waiting.put(record.id(), now);
        notifyAll();
        return now.durable;
    }

    /** Completes when nothing of this build waits to be put. */
    synchronized CompletableFuture<Void> settled(BuildId build) {
        Waiting found = waiting.get(build);
        return found == null ? CompletableFuture.completedFuture(null) : found.durable;
    }

    private void run() {
        try {
            while (true) {
                put(oldest());
            }
        } catch (InterruptedException e) {
            LOG.debug("stopped");
        }
    }

    private synchronized Waiting oldest() throws InterruptedException {
        while (waiting.isEmpty()) {
            if (closed) {
                throw new InterruptedException("closed");
            }
            wait();
        }
        return waiting.values().iterator().next();
    }

    private void put(Waiting next) throws InterruptedException {
        try {
            records.put(next.record);
        } catch (QueueException e) {
            if (e.retryable()) {
                LOG.warn("record waits build={} cause={}", next.record.id(), e.getMessage());
                pause();
                return;
            }
            LOG.error("record cannot be kept build={}", next.record.id(), e);
        }
        done(next);
    }

    private synchronized void done(Waiting put) {
        if (waiting.remove(put.record.id(), put)) {
            put.durable.complete(null);
        }
    }

    private synchronized void pause() throws InterruptedException {
        long end = System.nanoTime() + PAUSE.toNanos();
        for (long left = PAUSE.toMillis(); left > 0; left = (end - System.nanoTime()) / 1_000_000) {
            if (closed) {
                throw new InterruptedException("closed");
            }
            wait(left);
        }
    }

    /** Puts what waits, unless the broker is away. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        try {
            if (thread.isAlive() && !thread.join(Duration.ofSeconds(5))) {
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
