package dev.kiln.executor.meter;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

import dev.kiln.executor.graph.Vertex;
import dev.kiln.executor.solver.StepMeter;
import dev.kiln.metrics.Durations;

/** Vertices of builds, and the steps that were run for them. Safe for many threads. */
public final class VertexMeters implements StepMeter {
    private final Map<VertexKind, Counter> cached;
    private final Map<VertexKind, Counter> ran;
    private final Map<VertexKind, Counter> failed;
    private final Map<VertexKind, Timer> well;
    private final Map<VertexKind, Timer> badly;
    private final Map<VertexKind, Counter> hits;
    private final Map<VertexKind, Counter> saved;

    VertexMeters(MeterRegistry registry) {
        cached = each(kind -> vertices(registry, kind, "cached"));
        ran = each(kind -> vertices(registry, kind, "ran"));
        failed = each(kind -> vertices(registry, kind, "failed"));
        well = each(kind -> steps(registry, kind, "succeeded"));
        badly = each(kind -> steps(registry, kind, "failed"));
        hits = each(kind -> Counter.builder("kiln.cache.hits")
            .description("Steps whose result was found instead of made, once for all builds that share one")
            .tag("kind", kind.word())
            .register(registry));
        saved = each(kind -> Counter.builder("kiln.cache.saved")
            .description("How long the results that were found had taken to make")
            .baseUnit("seconds")
            .tag("kind", kind.word())
            .register(registry));
    }

    private static Counter vertices(MeterRegistry registry, VertexKind kind, String result) {
        return Counter.builder("kiln.vertices")
            .description("Vertices of builds by how they ended; failed also when the build was stopped")
            .tag("kind", kind.word())
            .tag("result", result)
            .register(registry);
    }

    private static Timer steps(MeterRegistry registry, VertexKind kind, String outcome) {
        return Durations
            .histogram("kiln.step.duration", "How long steps ran, once for all builds that share one")
            .tag("kind", kind.word())
            .tag("outcome", outcome)
            .register(registry);
    }

    private static <T> Map<VertexKind, T> each(Function<VertexKind, T> make) {
        Map<VertexKind, T> all = new EnumMap<>(VertexKind.class);
        for (VertexKind kind : VertexKind.values()) {
            all.put(kind, make.apply(kind));
        }
        return all;
    }

    private static <T> T at(Map<VertexKind, T> meters, Vertex vertex) {
        T meter = meters.get(VertexKind.of(vertex.op()));
        if (meter == null) {
            throw new IllegalStateException("no meter for " + vertex);
        }
        return meter;
    }

    /** A build had the vertex's result without running it. */
    public void cached(Vertex vertex) {
        at(cached, vertex).increment();
    }

    /** A vertex that started has ended for a build. */
    public void completed(Vertex vertex, boolean wentWell) {
        at(wentWell ? ran : failed, vertex).increment();
    }

    @Override
    public void ran(Vertex vertex, Duration took, boolean wentWell) {
        at(wentWell ? well : badly, vertex).record(took);
    }

    @Override
    public void found(Vertex vertex, Duration cost) {
        at(hits, vertex).increment();
        at(saved, vertex).increment(cost.toNanos() / 1e9);
    }
}
