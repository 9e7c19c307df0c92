package dev.kiln.layercache.registry;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The requests to one registry that may be under way at a time, whoever makes them; who comes first goes first.
 *
 * <p>A blob holds its place until its body was read, which can take minutes. So blobs never take the last place: a short
 * question finds its way between them. And a thread that reads a blob may ask something else before it goes on reading:
 * if it had to wait for a place, as many such threads as there are places would wait for each other. A thread that has a
 * place here therefore passes without waiting, and the limit is exceeded by as many as are nested. Safe for many threads.
 */
final class Lane {
    private final String registry;
    private final int places;
    private final Duration patience;
    private final Semaphore all;
    private final Semaphore blobs;
    private final Map<Thread, Integer> inside = new ConcurrentHashMap<>();

    /** @param patience with those who have the places */
    Lane(String registry, int places, Duration patience) {
        this.registry = registry;
        this.places = places;
        this.patience = patience;
        this.all = new Semaphore(places, true);
        this.blobs = new Semaphore(Math.max(1, places - 1), true);
    }

    /** A place; closing it twice is closing it once, on any thread. */
    @FunctionalInterface
    interface Place extends AutoCloseable {
        @Override
        void close();
    }

    /** @param blob true when the body of the request or of its answer is a blob */
    Place enter(String what, boolean blob) throws RegistryException, InterruptedException {
        Thread thread = Thread.currentThread();
        boolean nested = inside.containsKey(thread);
        if (!nested) {
            take(what, blob);
        }
        inside.merge(thread, 1, Integer::sum);
        AtomicBoolean left = new AtomicBoolean();
        return () -> {
            if (left.compareAndSet(false, true)) {
                inside.computeIfPresent(thread, (t, count) -> count > 1 ? count - 1 : null);
                if (!nested) {
                    give(blob);
                }
            }
        };
    }

    private void take(String what, boolean blob) throws RegistryException, InterruptedException {
        if (blob && !blobs.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw busy(what);
        }
        boolean taken = false;
        try {
            taken = all.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            if (!taken && blob) {
                blobs.release();
            }
        }
        if (!taken) {
            throw busy(what);
        }
    }

    private void give(boolean blob) {
        all.release();
        if (blob) {
            blobs.release();
        }
    }

    private RegistryException busy(String what) {
        return new RegistryException(RegistryException.Code.UNAVAILABLE,
                what + ": the " + places + " connections to " + registry + " were all busy for " + patience.toSeconds()
                        + " s; more are allowed with 'connections' in the registries file",
                OptionalInt.empty(), Optional.empty(), null);
    }
}
