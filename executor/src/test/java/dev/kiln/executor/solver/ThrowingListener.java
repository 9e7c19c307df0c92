package dev.kiln.executor.solver;

import java.util.Optional;

import dev.kiln.executor.graph.Vertex;
import dev.kiln.queue.event.CacheMiss;

final class ThrowingListener implements SolveListener {
    @Override
    public void started(Vertex vertex) {
        throw new IllegalStateException("told of " + vertex);
    }

    @Override
    public void missed(Vertex vertex, CacheMiss miss) {
        throw new IllegalStateException("told of " + vertex);
    }

    @Override
    public void cached(Vertex vertex) {
        throw new IllegalStateException("told of " + vertex);
    }

    @Override
    public void completed(Vertex vertex, Optional<String> error) {
        throw new IllegalStateException("told of " + vertex);
    }

    @Override
    public void warned(Vertex vertex, String rule, String message) {
        throw new IllegalStateException("told of " + vertex);
    }

    @Override
    public void log(Vertex vertex, int stream, byte[] bytes, int length) {
        throw new IllegalStateException("told of " + vertex);
    }
}
