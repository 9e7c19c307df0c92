package dev.kiln.executor.solver;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import dev.kiln.layercache.index.CacheEntry;
import dev.kiln.layercache.index.CacheIndex;
import dev.kiln.layercache.index.CacheKey;

final class InMemoryIndex implements CacheIndex {
    final Map<CacheKey, CacheEntry> entries = new ConcurrentHashMap<>();
    final AtomicInteger gets = new AtomicInteger();

    @Override
    public Optional<CacheEntry> get(CacheKey key) {
        gets.incrementAndGet();
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
