package dev.kiln.executor.solver;

import dev.kiln.executor.graph.Vertex;

/**
 * A build could not be solved, for the failure of one of its vertices: the first that failed by itself. The cause is a
 * {@link StepFailed} when the build is at fault, anything else when the executor is.
 */
public final class SolveFailed extends Exception {
    private final Vertex vertex;

    SolveFailed(Vertex vertex, Throwable cause) {
        super(describe(cause), cause);
        this.vertex = vertex;
    }

    public Vertex vertex() {
        return vertex;
    }

    /** What is said of a failure to those who watch the step. */
    static String describe(Throwable cause) {
        String text = cause.getMessage();
        return text == null ? cause.getClass().getSimpleName() : text;
    }
}
