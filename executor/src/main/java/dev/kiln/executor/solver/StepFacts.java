package dev.kiln.executor.solver;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import dev.kiln.executor.graph.Vertex;
import dev.kiln.layercache.oci.Digest;

/**
 * A step and what is known of its inputs, as {@link StepHistory} sees it.
 *
 * @param preimage what {@link Op#preimage} gave
 * @param inputs of the vertex, in order
 * @param instructions all of the build that the step was planned for, as written: what is not among them is gone from
 *        the file
 */
public record StepFacts(Vertex vertex, Map<String, String> preimage, List<Input> inputs, Set<String> instructions) {

    public StepFacts {
        inputs = List.copyOf(inputs);
    }

    /**
     * @param definition by the key of which it is told from others; another for anything that it depends on
     * @param identity what it gave, when that is known by now
     * @param content what the step takes of it, where that can be told
     * @param madeNow true when a run gave it, rather than the cache
     */
    public record Input(Vertex vertex, Digest definition, Optional<Digest> identity, Optional<Digest> content,
            boolean madeNow) {}
}
