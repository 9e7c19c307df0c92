package dev.kiln.executor.solver;

import java.time.Duration;

import dev.kiln.executor.graph.Vertex;

/**
 * Hears how long steps take, once for each step, however many builds share it; called from many threads, must not block.
 */
public interface StepMeter {
    StepMeter NONE = new StepMeter() {
        @Override
        public void ran(Vertex vertex, Duration took, boolean well) {}

        @Override
        public void found(Vertex vertex, Duration saved) {}
    };

    /** A step ran. */
    void ran(Vertex vertex, Duration took, boolean well);

    /**
     * A result was found.
     *
     * @param saved how long it took to make; zero when nobody knows
     */
    void found(Vertex vertex, Duration saved);
}
