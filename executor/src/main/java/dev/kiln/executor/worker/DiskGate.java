package dev.kiln.executor.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.executor.logging.LogFields;
import dev.kiln.layercache.lease.Keeper;
import dev.kiln.queue.event.BuildEvent;

/**
 * Keeps builds from filling the disk. A build begins when enough is free, and waits for that; while builds run, one after the
 * other is ended when hardly anything is left, the one that began last first. Safe for many threads.
 */
final class DiskGate implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DiskGate.class);

    private final Keeper keeper;
    private final long floor;
    private final Duration patience;
    private final Pace pace;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Guarded by the lock: the latest last. */
    private final Deque<Inside> inside = new ArrayDeque<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final Thread guard;
    /** Guarded by the lock. */
    private boolean closed;

    /**
     * How often it looks.
     *
     * @param guard at the disk while builds run
     * @param waiting at the disk for a build that waits
     * @param ending how long a build that was ended has to give something back before the next one is ended
     */
    record Pace(Duration guard, Duration waiting, Duration ending) {
        static final Pace STANDARD = new Pace(Duration.ofMillis(200), Duration.ofSeconds(1), Duration.ofSeconds(3));
    }

    /** Ends a build with these words. */
    interface End {
        void because(String words);
    }

    /** @param fields what log lines say of the build */
    private record Inside(End end, Map<String, String> fields) {}

    /**
     * @param floor bytes that must be free for a build to begin; half of it for one to go on
     * @param patience how long a build waits
     */
    DiskGate(Keeper keeper, long floor, Duration patience, Pace pace) {
        this.keeper = keeper;
        this.floor = floor;
        this.patience = patience;
        this.pace = pace;
        this.guard = Thread.ofPlatform().daemon().name("disk-guard").unstarted(this::guard);
    }

    void start() {
        guard.start();
    }

    /**
     * Returns when a build may begin.
     *
     * @param tell hears once that it has to wait
     */
    void admit(Consumer<String> tell) throws BuildFailed, InterruptedException {
        try {
            if (hasRoom() || collectedRoom()) {
                return;
            }
            tell.accept("the executor's disk has " + show(keeper.collector().free()) + " free, and a build needs "
                    + show(floor) + "; nothing more can be collected now, so the build waits, for "
                    + patience.toSeconds()
                    + " s at most");
            if (awaitRoom()) {
                return;
            }
            throw new BuildFailed(BuildEvent.Reason.NO_SPACE, "the executor's disk had less than " + show(floor)
                    + " free for " + patience.toSeconds() + " s; " + advice(), null);
        } catch (IOException e) {
            throw new BuildFailed(BuildEvent.Reason.INTERNAL,
                    "looking at the executor's disk failed: " + e.getMessage(),
                    e);
        }
    }

    /** False when the patience is at its end. */
    private boolean awaitRoom() throws IOException, InterruptedException {
        waiting.incrementAndGet();
        try {
            long end = System.nanoTime() + patience.toNanos();
            while (System.nanoTime() < end) {
                pause(pace.waiting);
                if (hasRoom() || collectedRoom()) {
                    return true;
                }
            }
            return false;
        } finally {
            waiting.decrementAndGet();
        }
    }

    /** How many builds wait for room. */
    int waiting() {
        return waiting.get();
    }

    private boolean hasRoom() throws IOException {
        return keeper.collector().free() >= floor;
    }

    private boolean collectedRoom() throws IOException {
        return !keeper.collect(floor).items().isEmpty() && hasRoom();
    }

    /** Counts a build among those that run, until the returned is closed. */
    Running enter(End end) {
        Inside one = new Inside(end, LogFields.here());
        lock.lock();
        try {
            inside.addLast(one);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        return () -> leave(one);
    }

    /** A build that runs. */
    interface Running extends AutoCloseable {
        @Override
        void close();
    }

    private void leave(Inside one) {
        lock.lock();
        try {
            inside.removeLastOccurrence(one);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** What to say beside a failure, when hardly anything is free. */
    String hint() {
        try {
            long free = keeper.collector().free();
            return free < floor ? "the executor's disk has only " + show(free) + " free; " + advice() : "";
        } catch (IOException e) {
            LOG.warn("cannot look at the disk", e);
            return "";
        }
    }

    static String advice() {
        return "free space there, run kiln prune, or lower how much the cache may use";
    }

    private void guard() {
        try {
            while (awaitBuilds()) {
                pause(keeper.collector().free() < floor / 2 && endLatest() ? pace.ending : pace.guard);
            }
        } catch (InterruptedException _) {
            LOG.debug("stopped");
        } catch (IOException e) {
            LOG.error("the disk cannot be looked at, and is not guarded any more", e);
        }
    }

    /** False when there is nothing more to guard. */
    private boolean awaitBuilds() throws InterruptedException {
        lock.lock();
        try {
            while (inside.isEmpty() && !closed) {
                changed.await();
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private boolean endLatest() {
        Inside latest;
        lock.lock();
        try {
            latest = inside.pollLast();
        } finally {
            lock.unlock();
        }
        if (latest == null) {
            return false;
        }
        String words = "no space left: " + hint();
        LogFields.run(latest.fields, () -> {
            LOG.warn("action=end-build reason=\"{}\"", words);
            latest.end.because(words);
        });
        return true;
    }

    private void pause(Duration time) throws InterruptedException {
        lock.lock();
        try {
            long left = time.toNanos();
            while (left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private static String show(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            guard.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
