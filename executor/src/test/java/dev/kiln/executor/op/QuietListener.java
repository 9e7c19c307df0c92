package dev.kiln.executor.op;

import java.util.Optional;

import dev.kiln.executor.graph.Vertex;
import dev.kiln.executor.solver.SolveListener;
import dev.kiln.queue.event.CacheMiss;

/** For tests that look at what was done rather than at what was said. */
final class QuietListener implements SolveListener {
    @Override
    public void started(Vertex vertex) {
        // not of interest
    }

    @Override
    public void missed(Vertex vertex, CacheMiss miss) {
        // not of interest
    }

    @Override
    public void cached(Vertex vertex) {
        // not of interest
    }

    @Override
    public void completed(Vertex vertex, Optional<String> error) {
        // not of interest
    }

    @Override
    public void warned(Vertex vertex, String rule, String message) {
        // not of interest
    }

    @Override
    public void log(Vertex vertex, int stream, byte[] bytes, int length) {
        // not of interest
    }
}
