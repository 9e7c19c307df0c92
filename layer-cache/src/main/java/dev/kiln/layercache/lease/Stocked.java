package dev.kiln.layercache.lease;

import java.nio.file.Path;
import java.time.Instant;

/**
 * An item as a stock lists it.
 *
 * @param place the file or directory that is counted, all that is in it included
 * @param bytes on the disk, in blocks of the filesystem
 * @param inUse that it cannot go now
 * @param description for people, one line; may be empty
 */
public record Stocked(Item item, Path place, long bytes, Times times, boolean inUse, String description) {

    /** When it came, and when it was used last; the latter on disk to the minute. */
    public record Times(Instant created, Instant lastUsed) {}

    Stocked with(Instant lastUsed, boolean held) {
        return new Stocked(item, place, bytes, new Times(times.created, lastUsed), inUse || held, description);
    }
}
