package dev.kiln.executor.cachemount;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import dev.kiln.executor.graph.StepMount.Sharing;
import dev.kiln.layercache.posix.DiskUsage;
import dev.kiln.layercache.posix.RawPath;

/**
 * Lends caches to steps.
 *
 * <p>A step asks for all caches that it wants at once, and gets all of them or waits, holding none: so steps never wait for
 * one another in a circle. As in BuildKit, steps that want a cache shared have one together; a step that wants it alone
 * gets one that nobody has, a new one if need be; and one that wants it locked waits until nobody has it.
 */
public final class CacheMounts implements AutoCloseable {
    private final CacheFiles files;
    private final Supplier<String> ids;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** By name, as all that is in a cache guarded by the lock. */
    private final Map<String, Cache> caches = new LinkedHashMap<>();

    private static final class Cache {
        final String name;
        final Identity identity;
        Instant lastUsed;
        boolean filled;
        boolean shared;
        int steps;

        Cache(String name, Identity identity, Instant lastUsed) {
            this.name = name;
            this.identity = identity;
            this.lastUsed = lastUsed;
        }
    }

    private record Identity(String id, String origin) {}

    private CacheMounts(CacheFiles files, Supplier<String> ids, InstantSource clock) {
        this.files = files;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * Takes a directory for caches, and cleans it of what a crash left. Let the runtime kill left-over containers before.
     *
     * @param ids gives letters and digits that never come twice, not even after a restart
     */
    public static CacheMounts open(Path directory, Supplier<String> ids, InstantSource clock) throws IOException {
        CacheFiles files = CacheFiles.open(directory);
        CacheMounts mounts = new CacheMounts(files, ids, clock);
        files.all().forEach((name, about) -> {
            Cache cache = new Cache(name, new Identity(about.id(), about.origin()), about.lastUsed());
            cache.filled = true;
            mounts.caches.put(name, cache);
        });
        return mounts;
    }

    /**
     * Waits until the step can have all of these. What names the same cache twice gets the same one, as the first says.
     *
     * @return to be closed when no process of the step is left
     */
    public Lent lend(List<Wanted> wanted) throws IOException, InterruptedException {
        Map<Identity, Wanted> byIdentity = new LinkedHashMap<>();
        wanted.forEach(one -> byIdentity.putIfAbsent(identity(one), one));
        List<Given> given = give(byIdentity);
        Set<Cache> caches = given.stream().map(Given::cache).collect(Collectors.toCollection(LinkedHashSet::new));
        try {
            for (Given one : given) {
                if (!one.cache.filled) {
                    files.make(one.cache.name, one.wanted);
                    announceFilled(one.cache);
                }
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            takeBack(caches);
            throw e;
        }
        return new Lent(wanted.stream().map(one -> name(given, identity(one))).toList(), files, ids,
                () -> giveBack(caches));
    }

    private record Given(Wanted wanted, Cache cache) {}

    private static String name(List<Given> given, Identity identity) {
        return given.stream().map(Given::cache).filter(has(identity)).findFirst().orElseThrow().name;
    }

    private static Identity identity(Wanted wanted) {
        return new Identity(wanted.id(), wanted.origin());
    }

    private List<Given> give(Map<Identity, Wanted> wanted) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (wanted.entrySet().stream().anyMatch(one -> mustWait(one.getKey(), one.getValue().sharing()))) {
                changed.await();
            }
            List<Given> given = new ArrayList<>();
            wanted.forEach((identity, one) -> given.add(new Given(one, give(identity, one.sharing()))));
            return given;
        } finally {
            lock.unlock();
        }
    }

    private boolean mustWait(Identity identity, Sharing sharing) {
        return switch (sharing) {
            case PRIVATE -> false;
            case SHARED -> shared(identity).filter(cache -> !cache.filled).isPresent();
            case LOCKED -> free(identity).isEmpty() && caches.values().stream().anyMatch(has(identity));
        };
    }

    private Cache give(Identity identity, Sharing sharing) {
        Cache cache = Optional.<Cache>empty()
            .or(() -> sharing == Sharing.SHARED ? shared(identity) : Optional.empty())
            .or(() -> free(identity))
            .orElseGet(() -> {
                Cache made = new Cache(ids.get(), identity, clock.instant());
                caches.put(made.name, made);
                return made;
            });
        cache.shared = sharing == Sharing.SHARED;
        cache.steps++;
        return cache;
    }

    /** The one that steps have together. */
    private Optional<Cache> shared(Identity identity) {
        return caches.values().stream().filter(has(identity)).filter(c -> c.steps > 0 && c.shared).findFirst();
    }

    /** The one that nobody has; of several the one used last. */
    private Optional<Cache> free(Identity identity) {
        return caches.values()
            .stream()
            .filter(has(identity))
            .filter(c -> c.steps == 0)
            .max(Comparator.comparing(c -> c.lastUsed));
    }

    private static Predicate<Cache> has(Identity identity) {
        return cache -> cache.identity.equals(identity);
    }

    private void announceFilled(Cache cache) {
        lock.lock();
        try {
            cache.filled = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** After a failure: what was not filled is forgotten. */
    private void takeBack(Set<Cache> given) {
        lock.lock();
        try {
            for (Cache cache : given) {
                cache.steps--;
                if (!cache.filled) {
                    caches.remove(cache.name);
                }
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void giveBack(Set<Cache> given) throws IOException {
        Instant now = clock.instant();
        try {
            for (Cache cache : given) {
                files.used(cache.name, now);
            }
        } finally {
            lock.lock();
            try {
                for (Cache cache : given) {
                    cache.lastUsed = now;
                    cache.steps--;
                }
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** All caches with what they take on the disk, those used last first. */
    public List<KeptCache> list() throws IOException {
        List<KeptCache> list = new ArrayList<>();
        for (KeptCache cache : snapshot()) {
            list.add(new KeptCache(cache.name(), cache.id(), DiskUsage.of(RawPath.of(files.files(cache.name()))),
                    cache.lastUsed(), cache.lent()));
        }
        list.sort(Comparator.comparing(KeptCache::lastUsed).reversed());
        return list;
    }

    private List<KeptCache> snapshot() {
        lock.lock();
        try {
            return caches.values()
                .stream()
                .filter(cache -> cache.filled)
                .map(c -> new KeptCache(c.name, c.identity.id, 0, c.lastUsed, c.steps > 0))
                .toList();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Removes a cache.
     *
     * @return false when there is none of that name, or a step has it
     */
    public boolean remove(String name) throws IOException {
        lock.lock();
        try {
            Cache cache = caches.get(name);
            if (cache == null || cache.steps > 0) {
                return false;
            }
            caches.remove(name);
        } finally {
            lock.unlock();
        }
        files.remove(name);
        return true;
    }

    /** Gives the directory free. All lent caches must have been given back. */
    @Override
    public void close() throws IOException {
        files.close();
    }
}
