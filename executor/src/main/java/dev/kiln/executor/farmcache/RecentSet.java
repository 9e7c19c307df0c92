package dev.kiln.executor.farmcache;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/** Things that are in it for a while, the most recent of them only. Safe for many threads. */
final class RecentSet<T> {
    private final Duration stay;
    private final InstantSource clock;
    /** Guarded by this: until when. */
    private final Map<T, Instant> members;

    RecentSet(Duration stay, int most, InstantSource clock) {
        this.stay = stay;
        this.clock = clock;
        this.members = new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<T, Instant> eldest) {
                return size() > most;
            }
        };
    }

    /** @return false when it was in already; then it stays as long as it would have */
    synchronized boolean add(T member) {
        if (contains(member)) {
            return false;
        }
        // Away first, so that it counts among the most recent ones.
        members.remove(member);
        members.put(member, clock.instant().plus(stay));
        return true;
    }

    synchronized boolean contains(T member) {
        Instant until = members.get(member);
        return until != null && clock.instant().isBefore(until);
    }

    synchronized void remove(T member) {
        members.remove(member);
    }

    synchronized void clear() {
        members.clear();
    }
}
