package dev.kiln.layercache.lease;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the collector apply the policies now and then: every minute, and soon when something was made. Safe for many threads.
 */
public final class Keeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);
    private static final Duration PERIOD = Duration.ofMinutes(1);

    private final Collector collector;
    private final List<Policy> policies;
    private final Duration rest;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition called = lock.newCondition();
    private final Thread thread;
    /** Guarded by the lock. */
    private boolean wanted;
    /** Guarded by the lock. */
    private boolean closed;

    /** @param rest the time from a call to the run that it is for */
    public Keeper(Collector collector, List<Policy> policies, Duration rest) {
        this.collector = collector;
        this.policies = List.copyOf(policies);
        this.rest = rest;
        this.thread = Thread.ofPlatform().daemon().name("keeper").unstarted(this::run);
    }

    /** Begins; call once. */
    public void start() {
        thread.start();
    }

    public Collector collector() {
        return collector;
    }

    /** Something was made: the policies may want something to go. */
    public void soon() {
        lock.lock();
        try {
            wanted = true;
            called.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Applies the policies now; returns what went. */
    public Usage collect() throws IOException {
        return collector.collect(policies);
    }

    /** Applies the policies now, and collects beyond them until the disk has {@code free} bytes; returns what went. */
    public Usage collect(long free) throws IOException {
        List<Policy> all = new ArrayList<>(policies);
        all.add(new Policy(Policy.Filter.ANY, Duration.ZERO, new Policy.Limits(0, 0, free), false));
        return collector.collect(all);
    }

    private void run() {
        try {
            while (awaitCall()) {
                // Not at once: whoever called may still be busy, and others may call too.
                pause();
                try {
                    report(collect());
                } catch (ClosedByInterruptException _) {
                    LOG.debug("stopped within a run");
                } catch (IOException | RuntimeException e) {
                    LOG.warn("action=collect outcome=failed", e);
                }
            }
        } catch (InterruptedException _) {
            LOG.debug("stopped");
        }
    }

    private static void report(Usage gone) {
        if (!gone.items().isEmpty()) {
            LOG.info("action=collect items={} bytes={}", gone.items().size(), gone.bytes());
        }
    }

    /** False when there is nothing more to do. */
    private boolean awaitCall() throws InterruptedException {
        lock.lock();
        try {
            long left = PERIOD.toNanos();
            while (!wanted && !closed && left > 0) {
                left = called.awaitNanos(left);
            }
            wanted = false;
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private void pause() throws InterruptedException {
        lock.lock();
        try {
            long left = rest.toNanos();
            while (!closed && left > 0) {
                left = called.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends a run under way between two items. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            called.signalAll();
        } finally {
            lock.unlock();
        }
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
