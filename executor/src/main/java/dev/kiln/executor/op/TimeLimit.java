package dev.kiln.executor.op;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

import dev.kiln.executor.solver.StepFailed;

/** Ends work that takes too long by interrupting its thread. */
final class TimeLimit {
    private final Thread worker = Thread.currentThread();
    private final Duration time;
    /** Guarded by this. */
    private boolean over;
    private boolean hit;

    private TimeLimit(Duration time) {
        this.time = time;
    }

    /** Work that heeds interrupts. */
    interface Work<T> {
        T run() throws IOException, StepFailed, InterruptedException;
    }

    /** Runs {@code work} on this thread; {@link StepFailed} that is late when it was ended because of the time. */
    static <T> T within(Optional<Duration> time, Work<T> work) throws IOException, StepFailed, InterruptedException {
        return time.isEmpty() ? work.run() : new TimeLimit(time.get()).run(work);
    }

    private <T> T run(Work<T> work) throws IOException, StepFailed, InterruptedException {
        Thread watch = Thread.ofVirtual().name("time limit").start(this::watch);
        try {
            return work.run();
        } catch (InterruptedException e) {
            if (end()) {
                throw StepFailed.late("it took longer than the " + time.toSeconds() + " s that a step of this build may"
                        + " take (--step-timeout)");
            }
            throw e;
        } finally {
            if (end()) {
                // The interrupt was for the work, which ended at the same moment.
                boolean _ = Thread.interrupted();
            }
            watch.interrupt();
        }
    }

    private void watch() {
        try {
            Thread.sleep(time);
            hit();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void hit() {
        if (!over) {
            hit = true;
            worker.interrupt();
        }
    }

    /** Nothing is interrupted any more; says whether it was. */
    private synchronized boolean end() {
        over = true;
        return hit;
    }
}
