package dev.kiln.executor.op;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;

import dev.kiln.executor.logging.LogFields;
import dev.kiln.executor.solver.StepFailed;

/**
 * Platform threads for work on many files. A native call holds the carrier of a virtual thread, and there are only as
 * many carriers as processors: a few big copies on virtual threads would stop everything else.
 */
public final class FileThreads implements AutoCloseable {
    private final ExecutorService threads = Executors.newCachedThreadPool(Thread.ofPlatform()
        .daemon()
        .name("files-", 0)
        .factory());

    /** What may run here; when interrupted it gives up promptly. */
    public interface Work<T> {
        T run() throws IOException, StepFailed, InterruptedException;
    }

    /** Runs the work and waits for it. When the caller is interrupted so is the work, and this returns after its end. */
    public <T> T run(Work<T> work) throws IOException, StepFailed, InterruptedException {
        FutureTask<T> task = new FutureTask<>(LogFields.carryCall(work::run));
        CountDownLatch ended = new CountDownLatch(1);
        threads.execute(() -> {
            try {
                task.run();
            } finally {
                ended.countDown();
            }
        });
        try {
            return task.get();
        } catch (InterruptedException e) {
            task.cancel(true);
            awaitUninterruptibly(ended);
            throw e;
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case StepFailed failed -> throw failed;
                case InterruptedException interrupted -> throw interrupted;
                case RuntimeException bug -> throw bug;
                case Error error -> throw error;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }

    private static void awaitUninterruptibly(CountDownLatch ended) {
        boolean interrupted = false;
        while (true) {
            try {
                ended.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Starts work that nobody waits for here. */
    void start(Runnable work) {
        threads.execute(LogFields.carry(work));
    }

    /** For a long walk: ends the work when its thread was interrupted. */
    static void checkInterrupt() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    @Override
    public void close() {
        threads.close();
    }
}
