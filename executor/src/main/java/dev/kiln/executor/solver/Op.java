package dev.kiln.executor.solver;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.layercache.oci.Digest;

/**
 * What the solver knows of a vertex: how its result is identified, and how to get one. Made for one vertex of one build;
 * used by one thread at a time, but that {@link #contentKey} may be asked for several inputs at once. A step that several
 * builds share is done by the op of the build that came first, even when that build has left.
 */
public interface Op {

    /**
     * What the key is made of besides the inputs, by name: short texts and digests, never a secret. Called once. Names
     * that start with {@code input.} belong to the solver.
     */
    Map<String, String> preimage();

    /** True when {@link #contentKey} can tell what this op takes from the input; by default it cannot. */
    default boolean hasContentKey(int input) {
        return false;
    }

    /**
     * The digest of what this op takes from an input's files: two inputs with the same digest give the same result.
     * Called only where {@link #hasContentKey}; may be interrupted.
     *
     * @param input index of the input
     * @return empty when with these files only the identity of the whole input counts
     * @throws StepFailed when what the step asks for is not among the files
     */
    default Optional<Digest> contentKey(int input, Result result)
            throws IOException, StepFailed, InterruptedException {
        return Optional.empty();
    }

    /**
     * True when a result is worth an entry in the index, and making one worth a slot of the executor; false for what is
     * cheaper to make than to look up.
     */
    boolean cacheable();

    /**
     * Makes the result. When the thread is interrupted, gives up promptly and leaves nothing behind.
     *
     * @throws StepFailed when the step itself failed, as opposed to the executor
     */
    Result execute(List<Result> inputs, StepLog log) throws IOException, StepFailed, InterruptedException;

    /** Takes the output of a step; safe for the threads of both streams. */
    interface StepLog {
        void write(int stream, byte[] bytes, int length) throws IOException;

        /**
         * Tells everybody who builds this step something that they should know and that does not fail it. A log that
         * only takes output gets it as a line of that.
         *
         * @param rule a name for programs, such as {@code CopyMatchedNothing}
         * @param message one line
         */
        default void warning(String rule, String message) throws IOException {
            byte[] line = ("WARNING: " + rule + ": " + message + "\n").getBytes(StandardCharsets.UTF_8);
            write(2, line, line.length);
        }
    }
}
