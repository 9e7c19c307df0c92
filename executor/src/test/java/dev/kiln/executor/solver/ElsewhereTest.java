package dev.kiln.executor.solver;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.GraphBuilder;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.Platform;

import static dev.kiln.executor.solver.ToyOps.copy;
import static dev.kiln.executor.solver.ToyOps.fresh;
import static dev.kiln.executor.solver.ToyOps.step;
import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class ElsewhereTest {
    @TempDir
    Path spool;

    private final ToyOps ops = new ToyOps();
    private final GraphBuilder graph = new GraphBuilder();
    private final Others others = new Others();
    private Solver solver;

    /** Has results by the name of the vertex: some at once, some only when the inputs are known. */
    private static final class Others implements Elsewhere {
        final Map<String, Result> atOnce = new ConcurrentHashMap<>();
        final Map<String, Result> withInputs = new ConcurrentHashMap<>();
        final List<String> asked = new CopyOnWriteArrayList<>();
        final List<String> told = new CopyOnWriteArrayList<>();

        @Override
        public Optional<List<CachedLayer>> find(Vertex vertex, Optional<List<Result>> inputs) {
            asked.add(vertex.name() + (inputs.isPresent() ? " with inputs" : ""));
            return Optional.ofNullable(atOnce.getOrDefault(vertex.name(), inputs.isPresent()
                    ? withInputs.get(vertex.name())
                    : null))
                .map(result -> result.layers().stream().map(layer -> layer.packed().join()).toList());
        }

        @Override
        public void made(Vertex vertex, Result result) {
            told.add(vertex.name());
        }
    }

    @BeforeEach
    void start() {
        ops.elsewhere = others;
        solver = new Solver(new InMemoryIndex(), layer -> Optional.of(Result.Layer.of(layer)), StepHistory.NONE, 2,
                InstantSource.system(), spool);
    }

    private BuildGraph to(Vertex target) {
        return graph.build(target, ImageConfig.empty(Platform.parse("linux/amd64")));
    }

    private RecordingListener solve(Vertex target) throws Exception {
        RecordingListener listener = new RecordingListener();
        solver.solve(to(target), ops, listener).recorded().join();
        return listener;
    }

    @Test
    void target_foundElsewhere_runsNothingAndIsRemembered() throws Exception {
        Vertex last = step(graph, "last", step(graph, "first"));
        others.atOnce.put("last", ToyOps.result("theirs"));
        assertThat(solve(last).lines()).containsExactlyInAnyOrder("last: cached", "first: cached");
        assertThat(ops.runs).isEmpty();
        others.atOnce.clear();
        assertThat(solve(last).lines()).containsExactlyInAnyOrder("last: cached", "first: cached");
        assertThat(ops.runs).isEmpty();
    }

    @Test
    void step_foundByItsInputs_isNotRunAndItsInputsAre() throws Exception {
        Vertex last = copy(graph, "/", step(graph, "below"), step(graph, "first"));
        others.withInputs.put("copy /", ToyOps.result("theirs"));
        RecordingListener listener = solve(last);
        assertThat(listener.of("copy /")).containsExactly("cached");
        assertThat(ops.runs).containsOnlyKeys("below", "first");
        assertThat(others.asked).containsSubsequence("copy /", "copy /", "copy / with inputs");
        assertThat(others.told).containsExactlyInAnyOrder("below", "first");
    }

    @Test
    void step_thatHasToRunAgain_isNotLookedForElsewhere() throws Exception {
        Vertex last = fresh(graph, "last");
        others.atOnce.put("last", ToyOps.result("theirs"));
        solve(last);
        assertThat(ops.runs("last")).isOne();
        assertThat(others.asked).isEmpty();
    }

    @Test
    void known_afterALateHit_hasWhatIndexAndOthersHave() throws Exception {
        Vertex first = step(graph, "first");
        Vertex second = step(graph, "second", first);
        Vertex last = step(graph, "last", second);
        solve(first);
        others.atOnce.put("second", ToyOps.result("their second"));
        others.atOnce.put("last", ToyOps.result("their last"));
        solve(last);
        assertThat(solver.known(to(last), ops)).containsOnlyKeys(first, second, last);
        assertThat(ops.runs).containsOnlyKeys("first");
    }
}
