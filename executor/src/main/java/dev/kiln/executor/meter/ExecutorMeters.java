package dev.kiln.executor.meter;

import io.micrometer.core.instrument.MeterRegistry;

/** All that an executor measures of its builds. */
public record ExecutorMeters(BuildMeters builds, VertexMeters vertices) {

    public static ExecutorMeters in(MeterRegistry registry) {
        return new ExecutorMeters(new BuildMeters(registry), new VertexMeters(registry));
    }
}
