package dev.kiln.executor.solver;

import java.util.Optional;

import dev.kiln.executor.graph.Vertex;

/** Hears of a build's vertices as they go; called from many threads, must not block for long. */
public interface SolveListener {
    void started(Vertex vertex);

    void cached(Vertex vertex);

    /** @param error empty when it went well */
    void completed(Vertex vertex, Optional<String> error);

    void log(Vertex vertex, int stream, byte[] bytes, int length);
}
