package dev.kiln.queue.upkeep;

import java.time.Instant;

/**
 * One thing on a disk.
 *
 * @param kind a word, such as {@code layer} or {@code blob}
 * @param id tells it from others of its kind
 * @param bytes that it takes on the disk
 * @param inUse that it cannot go now
 * @param description one line for people; may be empty
 */
public record UsageRecord(String kind, String id, long bytes, Instant created, Instant lastUsed, boolean inUse,
        String description) {}
