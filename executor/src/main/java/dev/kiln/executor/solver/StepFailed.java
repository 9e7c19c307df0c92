package dev.kiln.executor.solver;

import java.util.Optional;

/** A step of the build failed by its own doing; the message is for the person who wrote the Dockerfile. */
public final class StepFailed extends Exception {
    private final Optional<Integer> exitCode;
    private final boolean late;

    public StepFailed(String message, Optional<Integer> exitCode) {
        this(message, exitCode, false);
    }

    private StepFailed(String message, Optional<Integer> exitCode, boolean late) {
        super(message);
        this.exitCode = exitCode;
        this.late = late;
    }

    /** It took longer than it may. */
    public static StepFailed late(String message) {
        return new StepFailed(message, Optional.empty(), true);
    }

    /** That it was ended because it took too long. */
    public boolean isLate() {
        return late;
    }

    /** How the step's process ended, when there was one. */
    public Optional<Integer> exitCode() {
        return exitCode;
    }
}
