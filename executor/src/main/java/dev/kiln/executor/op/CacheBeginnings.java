package dev.kiln.executor.op;

import dev.kiln.executor.cachemount.Wanted;

/** What the new caches of a build begin with, beyond what their mounts say. Safe for many threads. */
public interface CacheBeginnings {
    CacheBeginnings NONE = (_, _, otherwise) -> otherwise;

    /**
     * @param origin as {@link Wanted#origin} has it
     * @param otherwise when there is nothing better
     */
    Wanted.Beginning of(String id, String origin, Wanted.Beginning otherwise);
}
