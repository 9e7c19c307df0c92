package dev.kiln.executor.snapshot;

import java.io.InterruptedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** A lock for each key, kept while somebody holds it or waits for it. */
final class KeyedLocks {
    private final Map<String, Entry> entries = new HashMap<>();

    /** Waits for the key; closing the result gives it free. */
    Held acquire(String key) throws InterruptedIOException {
        Entry entry;
        synchronized (entries) {
            entry = entries.computeIfAbsent(key, _ -> new Entry());
            entry.users++;
        }
        try {
            entry.lock.lockInterruptibly();
        } catch (InterruptedException e) {
            release(key, entry);
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException("interrupted while waiting for " + key);
            interrupted.initCause(e);
            throw interrupted;
        }
        return () -> {
            entry.lock.unlock();
            release(key, entry);
        };
    }

    private void release(String key, Entry entry) {
        synchronized (entries) {
            if (--entry.users == 0) {
                entries.remove(key);
            }
        }
    }

    interface Held extends AutoCloseable {
        @Override
        void close();
    }

    private static final class Entry {
        private final ReentrantLock lock = new ReentrantLock();
        private int users;
    }
}
