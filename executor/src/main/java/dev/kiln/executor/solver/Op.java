package dev.kiln.executor.solver;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.layercache.oci.Digest;

/**
 * What the solver knows of a vertex: how its result is identified, and how to get one. Made for one vertex of one build;
 * used by one thread at a time.
 */
public interface Op {

    /** What the key is made of besides the inputs' keys, by name: short texts and digests, never a secret. */
    Map<String, String> preimage();

    /**
     * The digest of what this op takes from an input, when that can be told from the input's files: two inputs with the
     * same digest give the same result. Empty when only the identity of the whole input counts.
     *
     * @param input index of the input
     */
    Optional<Digest> contentKey(int input, Result result) throws IOException, InterruptedException;

    /** Inputs whose files may be known by {@link #contentKey}. */
    boolean hasContentKey(int input);

    /** True when a result is worth an entry in the index; false for what is cheaper to make than to look up. */
    boolean cacheable();

    /**
     * Makes the result.
     *
     * @throws StepFailed when the step itself failed, as opposed to the executor
     */
    Result execute(List<Result> inputs, StepLog log) throws IOException, StepFailed, InterruptedException;

    /** Takes the output of a step; safe for the threads of both streams. */
    interface StepLog {
        void write(int stream, byte[] bytes, int length) throws IOException;
    }
}
