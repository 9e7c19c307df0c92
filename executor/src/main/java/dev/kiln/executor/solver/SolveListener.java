package dev.kiln.executor.solver;

import java.util.Optional;

import dev.kiln.executor.graph.Vertex;
import dev.kiln.queue.event.CacheMiss;

/**
 * Hears of a build's vertices as they go; called from many threads, must not block for long.
 *
 * <p>Of each vertex it hears either {@link #cached} alone, also when the result was not even looked up because what
 * comes after it was known; or {@link #started}, the logs, warnings and {@link #missed}, {@link #completed}; or, when the
 * build ends early, nothing.
 * A vertex that started is always reported as completed. All of it comes before {@link Solver#solve} returns.
 */
public interface SolveListener {
    void started(Vertex vertex);

    /** Why the vertex, which has started, was not found; not heard of sources, which are not looked for. */
    void missed(Vertex vertex, CacheMiss miss);

    void cached(Vertex vertex);

    /** @param error empty when it went well */
    void completed(Vertex vertex, Optional<String> error);

    void log(Vertex vertex, int stream, byte[] bytes, int length);

    /** What {@link Op.StepLog#warning} was told. Who joins a step late hears it after what was logged until then. */
    void warned(Vertex vertex, String rule, String message);
}
