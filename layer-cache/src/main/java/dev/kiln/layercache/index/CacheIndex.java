package dev.kiln.layercache.index;

import java.io.IOException;
import java.util.Optional;

/** Cache key to result. Safe for many threads; what {@link #put} returned from is there after a crash. */
public interface CacheIndex {

    /** The entry, or empty; an entry on disk that fails its check counts as absent and is removed. */
    Optional<CacheEntry> get(CacheKey key) throws IOException;

    void put(CacheEntry entry) throws IOException;

    void remove(CacheKey key) throws IOException;
}
