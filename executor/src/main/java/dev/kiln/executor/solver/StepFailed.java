package dev.kiln.executor.solver;

import java.util.Optional;

/** A step of the build failed by its own doing; the message is for the person who wrote the Dockerfile. */
public final class StepFailed extends Exception {
    private final Optional<Integer> exitCode;

    public StepFailed(String message, Optional<Integer> exitCode) {
        super(message);
        this.exitCode = exitCode;
    }

    /** How the step's process ended, when there was one. */
    public Optional<Integer> exitCode() {
        return exitCode;
    }
}
