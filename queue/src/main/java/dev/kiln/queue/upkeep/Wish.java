package dev.kiln.queue.upkeep;

import java.time.Duration;
import java.util.Set;

/** What an executor is asked to do. */
public sealed interface Wish {

    /** Says what is on the disk. */
    record Usage() implements Wish {}

    /**
     * Removes what is not in use, as BuildKit's prune.
     *
     * @param kinds only these; empty means any
     * @param ids only these; empty means any
     * @param keep what was used within this time stays
     * @param space how much may stay
     * @param all also what is not cache
     */
    record Prune(Set<String> kinds, Set<String> ids, Duration keep, Space space, boolean all) implements Wish {
        /** More than anybody types. */
        public static final int MAX_NAMES = 100;

        public Prune {
            kinds = Set.copyOf(kinds);
            ids = Set.copyOf(ids);
            if (kinds.size() > MAX_NAMES || ids.size() > MAX_NAMES) {
                throw new IllegalArgumentException("at most " + MAX_NAMES + " kinds and ids");
            }
            if (keep.isNegative()) {
                throw new IllegalArgumentException("a time to keep is not negative");
            }
        }
    }

    /** In bytes; 0 means that there is no such limit. */
    record Space(long reserved, long maxUsed, long minFree) {
        public static final Space ANY = new Space(0, 0, 0);

        public Space {
            if (reserved < 0 || maxUsed < 0 || minFree < 0) {
                throw new IllegalArgumentException("a limit of space is 0 or more bytes");
            }
        }
    }
}
