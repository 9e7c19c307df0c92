package dev.kiln.layercache.index;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** An index for tests that need no disk; held to the same contract. */
public final class InMemoryCacheIndex implements CacheIndex {
    private final Map<CacheKey, CacheEntry> entries = new ConcurrentHashMap<>();

    @Override
    public Optional<CacheEntry> get(CacheKey key) {
        return Optional.ofNullable(entries.get(key));
    }

    @Override
    public void put(CacheEntry entry) {
        entries.put(entry.key(), entry);
    }

    @Override
    public void remove(CacheKey key) {
        entries.remove(key);
    }
}
