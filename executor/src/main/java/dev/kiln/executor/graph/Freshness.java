package dev.kiln.executor.graph;

import java.time.Duration;

/** How far an earlier result of a vertex may be taken in place of a run. */
public sealed interface Freshness {
    Freshness ANY = new Any();

    /** However old it is. */
    record Any() implements Freshness {}

    /** Not at all. */
    record Never(Wish wish) implements Freshness {}

    /** Who wants it to run. */
    enum Wish {
        /** The request. */
        REQUEST,
        /** The comment above the instruction. */
        COMMENT
    }

    /** Only when it was made within this time; positive. */
    record Within(Duration ttl) implements Freshness {

        public Within {
            if (!ttl.isPositive()) {
                throw new IllegalArgumentException("a result must be allowed some age");
            }
        }
    }
}
