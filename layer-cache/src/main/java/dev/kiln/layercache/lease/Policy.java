package dev.kiln.layercache.lease;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What to collect, and how far; the meaning is that of BuildKit's {@code gcpolicy}.
 *
 * @param what which items may go
 * @param keep items used within this time stay
 * @param limits how much may stay
 * @param all also what is not cache: results of builds that were not pushed
 */
public record Policy(Filter what, Duration keep, Limits limits, boolean all) {

    /**
     * Empty sets mean any.
     *
     * @param kinds the kinds that may go
     * @param ids the only items that may go
     */
    public record Filter(Set<Kind> kinds, Set<String> ids) {
        public static final Filter ANY = new Filter(Set.of(), Set.of());

        public Filter {
            kinds = Set.copyOf(kinds);
            ids = Set.copyOf(ids);
        }

        public static Filter of(Kind... kinds) {
            return new Filter(Set.of(kinds), Set.of());
        }

        boolean matches(Item item) {
            return (kinds.isEmpty() || kinds.contains(item.kind())) && (ids.isEmpty() || ids.contains(item.id()));
        }
    }

    /**
     * In bytes; 0 means that there is no such limit. Without any, all that the filter matches goes.
     *
     * @param reserved never collect below this
     * @param maxUsed collect down to this
     * @param minFree collect until the filesystem has this much free
     */
    public record Limits(long reserved, long maxUsed, long minFree) {
        public static final Limits NONE = new Limits(0, 0, 0);
        private static final long DEFAULT_RESERVE = 10_000_000_000L;

        public Limits {
            if (reserved < 0 || maxUsed < 0 || minFree < 0) {
                throw new IllegalArgumentException("a limit of space is 0 or more bytes");
            }
        }

        /** A tenth of the disk is kept, at most 10 GB; at most three fifths are used, and a fifth is left free. */
        public static Limits ofDisk(long total) {
            return new Limits(Math.min(total / 10, DEFAULT_RESERVE), total / 10 * 6, total / 5);
        }

        /** How many bytes may stay; empty when there is no limit. */
        OptionalLong keepBytes(long used, long free) {
            if (equals(NONE)) {
                return OptionalLong.empty();
            }
            long excess = minFree - free;
            long bytes = maxUsed == 0 ? used : maxUsed;
            if (maxUsed == 0 && minFree == 0) {
                bytes = reserved;
            } else if (excess > 0) {
                bytes = Math.min(bytes, used - excess);
            }
            return OptionalLong.of(Math.max(bytes, reserved));
        }
    }

    public Policy {
        if (keep.isNegative()) {
            throw new IllegalArgumentException("a time to keep is not negative");
        }
    }

    /**
     * BuildKit's own: what is cheap to bring in again goes first, then what nobody has used for two months, then whatever
     * was used longest ago.
     */
    public static List<Policy> standard(Limits limits) {
        List<Policy> policies = new ArrayList<>();
        policies.add(new Policy(Filter.of(Kind.CONTEXT, Kind.CACHE_MOUNT, Kind.GIT), Duration.ofHours(48),
                new Limits(0, 512_000_000, 0), false));
        policies.add(new Policy(Filter.ANY, Duration.ofDays(60), limits, false));
        policies.add(new Policy(Filter.ANY, Duration.ZERO, limits, false));
        policies.add(new Policy(Filter.ANY, Duration.ZERO, limits, true));
        return List.copyOf(policies);
    }

    /** All that is not in use. */
    public static Policy everything(boolean all) {
        return new Policy(Filter.ANY, Duration.ZERO, Limits.NONE, all);
    }

    boolean takes(Stocked stocked, Instant now) {
        Kind kind = stocked.item().kind();
        boolean eligible = switch (kind) {
            case LAYER, BLOB, CACHE_MOUNT, CONTEXT, GIT -> true;
            case RESULT -> all || what.kinds().contains(kind);
            // Somebody pushed it there by name: only who says that word means it.
            case MANIFEST -> what.kinds().contains(kind);
            case INDEX, OTHER -> false;
        };
        return eligible && !stocked.inUse() && what.matches(stocked.item())
                && (keep.isZero() || stocked.times().lastUsed().isBefore(now.minus(keep)));
    }

    /** True when nothing that could be collected shall stay, the index included. */
    boolean isEverything() {
        return all && what.equals(Filter.ANY) && keep.isZero() && limits.equals(Limits.NONE);
    }
}
