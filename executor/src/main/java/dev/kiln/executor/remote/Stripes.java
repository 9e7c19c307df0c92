package dev.kiln.executor.remote;

import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** Locks for names: two different names may share one, which only costs waiting. Never take a second one. */
final class Stripes {
    private final ReentrantLock[] locks = new ReentrantLock[128];

    Stripes() {
        Arrays.setAll(locks, i -> new ReentrantLock());
    }

    interface Held extends AutoCloseable {
        @Override
        void close();
    }

    /** Takes the lock unless somebody has it. */
    Optional<Held> tryAcquire(String name) {
        ReentrantLock lock = locks[Math.floorMod(name.hashCode(), locks.length)];
        return lock.tryLock() ? Optional.of(lock::unlock) : Optional.empty();
    }

    Held acquire(String name) throws InterruptedException {
        ReentrantLock lock = locks[Math.floorMod(name.hashCode(), locks.length)];
        lock.lockInterruptibly();
        return lock::unlock;
    }
}
