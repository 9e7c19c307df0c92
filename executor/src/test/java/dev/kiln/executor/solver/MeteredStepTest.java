package dev.kiln.executor.solver;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.MDC;

import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.GraphBuilder;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.executor.logging.LogFields;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.Platform;

import static dev.kiln.executor.solver.ToyOps.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What is measured of steps, and what log lines of their threads say. */
@Timeout(60)
class MeteredStepTest {
    @TempDir
    Path spool;

    private final InMemoryIndex index = new InMemoryIndex();
    private final ToyOps ops = new ToyOps();
    private final List<String> heard = new CopyOnWriteArrayList<>();

    private final StepMeter meter = new StepMeter() {
        @Override
        public void ran(Vertex vertex, Duration took, boolean well) {
            assertThat(took.isNegative()).isFalse();
            heard.add(vertex.name() + (well ? " ran" : " failed"));
        }

        @Override
        public void found(Vertex vertex, Duration saved) {
            assertThat(saved.isNegative()).isFalse();
            heard.add(vertex.name() + " found");
        }
    };

    @AfterEach
    void clear() {
        MDC.clear();
    }

    private Solver solver() {
        return new Solver(index, FarmResults.NONE, layer -> Optional.of(Result.Layer.of(layer)), StepHistory.NONE, 4,
                InstantSource.system(), spool, meter);
    }

    private static BuildGraph graph() {
        GraphBuilder graph = new GraphBuilder();
        return graph.build(step(graph, "two", step(graph, "one")),
                ImageConfig.empty(Platform.parse("linux/amd64")));
    }

    @Test
    void steps_areHeardAsTheyRunAndAsTheyAreFound() throws Exception {
        try (Solver solver = solver()) {
            var _ = solver.solve(graph(), ops, new RecordingListener());
        }
        assertThat(heard).containsExactly("one ran", "two ran");
        heard.clear();
        try (Solver solver = solver()) {
            var _ = solver.solve(graph(), ops, new RecordingListener());
        }
        assertThat(heard).as("what lies below a found result is not looked for").containsExactly("two found");
    }

    @Test
    void step_thatFails_isHeardToo() throws Exception {
        ops.failures.put("two", new IOException("broke"));
        try (Solver solver = solver()) {
            assertThatThrownBy(() -> solver.solve(graph(), ops, new RecordingListener()))
                .isInstanceOf(SolveFailed.class);
        }
        assertThat(heard).containsExactly("one ran", "two failed");
    }

    @Test
    void threadsOfSteps_carryTheFieldsOfTheirBuild() throws Exception {
        Map<String, Map<String, String>> fields = new ConcurrentHashMap<>();
        OpResolver noting = vertex -> new DelegatingOp(ops.resolve(vertex)) {
            @Override
            public Result execute(List<Result> inputs, StepLog log)
                    throws IOException, StepFailed, InterruptedException {
                fields.put(vertex.name(), LogFields.here());
                return super.execute(inputs, log);
            }
        };
        BuildGraph graph = graph();
        MDC.put(LogFields.BUILD, "b1");
        try (Solver solver = solver()) {
            var _ = solver.solve(graph, noting, new RecordingListener());
        }
        for (Vertex vertex : graph.vertices()) {
            assertThat(fields.get(vertex.name())).isEqualTo(
                    Map.of(LogFields.BUILD, "b1", LogFields.VERTEX, vertex.digest().toString()));
        }
        assertThat(LogFields.here()).isEqualTo(Map.of(LogFields.BUILD, "b1"));
    }
}
