package dev.kiln.dockerfile.instruction;

import java.time.Duration;

import dev.kiln.dockerfile.source.SourceRange;

/**
 * What a comment above an instruction asks of the builder, as in {@code # kiln:ttl=24h}. Other builders see a comment; the
 * image does not depend on it. Above a FROM, where it may stand, it is for all steps of the stage that do not say otherwise.
 */
public sealed interface Control {

    /** Where the comment stands. */
    SourceRange range();

    /** {@code kiln:no-cache}: the step runs although its result may be known. */
    record NoCache(SourceRange range) implements Control {}

    /**
     * {@code kiln:ttl=DURATION}: a result counts only for so long after it was made.
     *
     * @param ttl positive
     */
    record TimeToLive(Duration ttl, SourceRange range) implements Control {}

    /** {@code kiln:cache-on-failure=discard}, above a RUN: a step that fails leaves its cache mounts as they were. */
    record DiscardOnFailure(SourceRange range) implements Control {}
}
