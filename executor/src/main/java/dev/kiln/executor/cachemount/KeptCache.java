package dev.kiln.executor.cachemount;

import java.time.Instant;

/**
 * A cache as people see it in a list.
 *
 * @param name of this one on this executor
 * @param id under which steps ask for it
 * @param bytes on the disk
 * @param lent whether a step has it mounted
 */
public record KeptCache(String name, String id, long bytes, Instant lastUsed, boolean lent) {}
