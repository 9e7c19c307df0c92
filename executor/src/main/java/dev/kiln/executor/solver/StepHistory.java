package dev.kiln.executor.solver;

import java.time.Instant;
import java.util.Optional;

import dev.kiln.queue.event.CacheMiss;

/**
 * The results that there were of steps, kept so that a miss can be explained. Nothing of a build depends on it: what
 * cannot be kept or read is logged and left out. Safe for many threads.
 */
public interface StepHistory {

    /** Keeps nothing and knows nothing. */
    StepHistory NONE = new StepHistory() {
        @Override
        public Optional<CacheMiss> explain(StepFacts step) {
            return Optional.empty();
        }

        @Override
        public void add(StepFacts step, Instant made) {
            // nothing is kept
        }
    };

    /** How the step differs from the nearest earlier result of it; empty when that cannot be told. */
    Optional<CacheMiss> explain(StepFacts step);

    /** Keeps what a result was made of. Does not wait for the disk. */
    void add(StepFacts step, Instant made);
}
