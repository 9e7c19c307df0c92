package dev.kiln.layercache.layer;

import java.time.Instant;
import java.util.function.UnaryOperator;

/**
 * How layers become one.
 *
 * @param whole true when nothing is below the lowest: then deletions have done their work and are left out
 * @param root whether the root directory has an entry when a layer has one for it
 * @param times what becomes of the time of a file; called for every entry, deletions among them
 */
public record MergeRules(boolean whole, boolean root, UnaryOperator<Instant> times) {

    /** Times of files later than {@code latest} become that. */
    public static UnaryOperator<Instant> notAfter(Instant latest) {
        return time -> time.isAfter(latest) ? latest : time;
    }
}
