package dev.kiln.executor.cachemount;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Which caches there are and who has them: the rules, without files. Safe for many threads.
 *
 * <p>Whoever wants several gets all at once or waits, holding none: so nobody waits for another in a circle.
 */
final class Lending {
    private final Supplier<String> ids;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** By name, as all that is in a cache guarded by the lock. */
    private final Map<String, Cache> caches = new LinkedHashMap<>();

    /** What several caches may have in common. */
    record Identity(String id, String origin) {}

    /** How a cache is to be had, and what it means for others of those who want it. */
    enum Hold {
        /** Together with others who want it so. */
        TOGETHER,
        /** Alone; others get another cache. */
        OWN,
        /** Alone, and rather waiting for one than taking a new one; those who want it together or as their own get another. */
        LOCKED,
        /** Alone, and rather waiting for one than taking a new one; all others wait too. */
        AWAITED
    }

    /** Its name and identity never change; the rest is guarded by the lock. */
    static final class Cache {
        final String name;
        final Identity identity;
        private Instant lastUsed;
        private boolean filled;
        private Hold hold = Hold.TOGETHER;
        private int holders;

        Cache(String name, Identity identity, Instant lastUsed) {
            this.name = name;
            this.identity = identity;
            this.lastUsed = lastUsed;
        }
    }

    /** One cache as it is at the moment. */
    record State(String name, Identity identity, Instant lastUsed, boolean held) {}

    Lending(Supplier<String> ids) {
        this.ids = ids;
    }

    /** Takes up a cache that is there already. */
    void add(String name, Identity identity, Instant lastUsed) {
        lock.lock();
        try {
            Cache cache = new Cache(name, identity, lastUsed);
            cache.filled = true;
            caches.put(name, cache);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for all of these, and gives one for each in their order; new ones are not filled.
     *
     * @param waiting hears, once, of those that have to be waited for
     */
    List<Cache> take(Map<Identity, Hold> wanted, Instant now, Waiting waiting)
            throws IOException, InterruptedException {
        List<Identity> busy = busy(wanted);
        if (!busy.isEmpty()) {
            waiting.began(busy.stream().map(Identity::id).toList());
        }
        lock.lockInterruptibly();
        try {
            while (!busy(wanted).isEmpty()) {
                changed.await();
            }
            List<Cache> taken = new ArrayList<>();
            wanted.forEach((identity, hold) -> taken.add(take(identity, hold, now)));
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Those that cannot be had at the moment. */
    private List<Identity> busy(Map<Identity, Hold> wanted) {
        lock.lock();
        try {
            return wanted.entrySet()
                .stream()
                .filter(one -> mustWait(one.getKey(), one.getValue()))
                .map(Map.Entry::getKey)
                .toList();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for a cache that is there already and that nobody has.
     *
     * @return empty when there is none, or somebody had it for longer than {@code patience}
     */
    Optional<Cache> borrow(Identity identity, Duration patience) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long nanos = patience.toNanos();
            while (free(identity).isEmpty() && isAny(identity) && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
            Optional<Cache> free = free(identity);
            free.ifPresent(cache -> hold(cache, Hold.AWAITED));
            return free;
        } finally {
            lock.unlock();
        }
    }

    private boolean mustWait(Identity identity, Hold hold) {
        return switch (hold) {
            case TOGETHER -> together(identity).isPresent()
                    ? !together(identity).get().filled
                    : isAwaited(identity);
            case OWN -> isAwaited(identity);
            case LOCKED, AWAITED -> free(identity).isEmpty() && isAny(identity);
        };
    }

    private Cache take(Identity identity, Hold hold, Instant now) {
        Cache cache = Optional.<Cache>empty()
            .or(() -> hold == Hold.TOGETHER ? together(identity) : Optional.empty())
            .or(() -> free(identity))
            .orElseGet(() -> {
                Cache made = new Cache(ids.get(), identity, now);
                caches.put(made.name, made);
                return made;
            });
        hold(cache, hold);
        return cache;
    }

    private static void hold(Cache cache, Hold hold) {
        cache.hold = hold;
        cache.holders++;
    }

    private Optional<Cache> together(Identity identity) {
        return caches.values()
            .stream()
            .filter(has(identity))
            .filter(c -> c.holders > 0 && c.hold == Hold.TOGETHER)
            .findFirst();
    }

    /** True when the one to be had is with somebody whom all wait for. */
    private boolean isAwaited(Identity identity) {
        return free(identity).isEmpty() && caches.values()
            .stream()
            .filter(has(identity))
            .anyMatch(c -> c.holders > 0 && c.hold == Hold.AWAITED);
    }

    /** The one that nobody has; of several the one used last. */
    private Optional<Cache> free(Identity identity) {
        return caches.values()
            .stream()
            .filter(has(identity))
            .filter(c -> c.holders == 0)
            .max(Comparator.comparing(c -> c.lastUsed));
    }

    private boolean isAny(Identity identity) {
        return caches.values().stream().anyMatch(has(identity));
    }

    private static Predicate<Cache> has(Identity identity) {
        return cache -> cache.identity.equals(identity);
    }

    boolean isFilled(Cache taken) {
        lock.lock();
        try {
            return taken.filled;
        } finally {
            lock.unlock();
        }
    }

    void filled(Cache cache) {
        change(() -> cache.filled = true);
    }

    /** After a failure: what was not filled is forgotten. */
    void takeBack(Collection<Cache> taken) {
        change(() -> taken.forEach(cache -> {
            cache.holders--;
            if (!cache.filled) {
                caches.remove(cache.name);
            }
        }));
    }

    /** After use. */
    void giveBack(Collection<Cache> taken, Instant now) {
        change(() -> taken.forEach(cache -> {
            cache.lastUsed = now;
            cache.holders--;
        }));
    }

    /** After it was only read. */
    void giveBack(Cache borrowed) {
        change(() -> borrowed.holders--);
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Those that are filled. */
    List<State> list() {
        lock.lock();
        try {
            return caches.values()
                .stream()
                .filter(cache -> cache.filled)
                .map(c -> new State(c.name, c.identity, c.lastUsed, c.holders > 0))
                .toList();
        } finally {
            lock.unlock();
        }
    }

    /** Nobody gets it any more; false when there is none of that name, or somebody has it. */
    boolean forget(String name) {
        lock.lock();
        try {
            Cache cache = caches.get(name);
            if (cache == null || cache.holders > 0) {
                return false;
            }
            caches.remove(name);
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Nobody gets it any more, though this holder still has it. */
    void forget(Cache held) {
        change(() -> caches.remove(held.name));
    }
}
