package dev.kiln.executor.solver;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.Freshness;
import dev.kiln.executor.graph.GraphBuilder;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.StepOrigin;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.layercache.index.CacheEntry;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.index.CacheKey;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.Platform;

import static dev.kiln.executor.solver.ToyOps.copy;
import static dev.kiln.executor.solver.ToyOps.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Two executors that share nothing but results. */
@Timeout(60)
class FarmResultsTest {
    @TempDir
    Path spool;

    private final GraphBuilder graph = new GraphBuilder();
    private final Farm farm = new Farm();
    private Instant now = Instant.parse("2026-01-02T03:04:05Z");
    private final Set<CachedLayer> gone = new HashSet<>();
    private final ToyOps first = new ToyOps();
    private final ToyOps second = new ToyOps();
    private final InMemoryIndex secondIndex = new InMemoryIndex();
    private Solver one;
    private Solver two;

    @BeforeEach
    void start() {
        one = solver(new InMemoryIndex());
        two = solver(secondIndex);
    }

    private static final class Farm implements FarmResults {
        final Map<CacheKey, CacheEntry> entries = new ConcurrentHashMap<>();
        final List<CacheKey> asked = new CopyOnWriteArrayList<>();
        final List<CacheKey> used = new CopyOnWriteArrayList<>();

        @Override
        public Optional<CacheEntry> find(CacheKey key) {
            asked.add(key);
            return Optional.ofNullable(entries.get(key));
        }

        @Override
        public void made(List<CacheEntry> made) {
            made.forEach(entry -> entries.put(entry.key(), entry));
        }

        @Override
        public void used(CacheEntry entry) {
            used.add(entry.key());
        }
    }

    private Solver solver(InMemoryIndex index) {
        return new Solver(index, farm, layer -> gone.contains(layer)
                ? Optional.empty()
                : Optional.of(Result.Layer.of(layer)), StepHistory.NONE, 2, this::tick, spool,
                StepMeter.NONE);
    }

    /** Every look at the clock takes a moment, so that each step does. */
    private synchronized Instant tick() {
        now = now.plusNanos(1);
        return now;
    }

    private synchronized void passes(Duration time) {
        now = now.plus(time);
    }

    private RecordingListener solve(Solver solver, ToyOps ops, Vertex target) throws Exception {
        BuildGraph build = graph.build(target, ImageConfig.empty(Platform.parse("linux/amd64")));
        RecordingListener listener = new RecordingListener();
        solver.solve(build, ops, listener).recorded().join();
        return listener;
    }

    @Test
    void steps_thatRanOnOneExecutor_areCachedOnAnother_andThenKnownThere() throws Exception {
        Vertex last = step(graph, "last", step(graph, "first"));
        solve(one, first, last);

        assertThat(solve(two, second, last).lines()).containsExactlyInAnyOrder("last: cached", "first: cached");
        assertThat(second.runs).isEmpty();
        farm.entries.clear();
        int asked = farm.asked.size();
        assertThat(solve(two, second, last).lines()).containsExactlyInAnyOrder("last: cached", "first: cached");
        assertThat(farm.asked).as("asked for what is known").hasSize(asked);
    }

    @Test
    void stepsOfABuildThatFailed_areNotRunAgain() throws Exception {
        Vertex middle = step(graph, "middle", step(graph, "first"));
        Vertex last = step(graph, "last", middle);
        first.failures.put("last", new IOException("the host is on fire"));
        assertThatThrownBy(() -> solve(one, first, last)).isInstanceOf(SolveFailed.class);
        one.close();

        RecordingListener heard = solve(two, second, last);

        assertThat(heard.of("middle")).containsExactly("cached");
        assertThat(heard.of("first")).containsExactly("cached");
        assertThat(second.runs).containsOnlyKeys("last");
    }

    @Test
    void step_ofAnotherDefinition_isFoundByWhatItTakes() throws Exception {
        first.outputs.put("a", "same");
        second.outputs.put("b", "same");
        solve(one, first, step(graph, "after", copy(graph, "/", step(graph, "below"), step(graph, "a"))));

        RecordingListener heard = solve(two, second,
                step(graph, "after", copy(graph, "/", step(graph, "below"), step(graph, "b"))));

        assertThat(heard.of("copy /")).containsExactly("cached");
        assertThat(heard.of("after")).containsExactly("cached");
        assertThat(second.runs).containsOnlyKeys("b");
    }

    @Test
    void layer_thatIsGone_hasItsStepRunAndLeftAgain() throws Exception {
        Vertex last = step(graph, "last", step(graph, "first"));
        solve(one, first, last);
        farm.entries.values().forEach(entry -> gone.add(entry.layers().getLast()));

        assertThat(solve(two, second, last).of("last")).contains("completed");
        assertThat(second.runs).containsOnlyKeys("first", "last");
    }

    @Test
    void result_forATime_hasItsTimeOnEveryExecutor() throws Exception {
        Vertex fetch = graph.add("fetch", new OpSpec.Run(List.of("fetch"), List.of(), "/", "", OpSpec.Network.NONE),
                List.of(), new Freshness.Within(Duration.ofHours(1)), new StepOrigin("", "", "fetch", List.of()));
        solve(one, first, fetch);
        passes(Duration.ofMinutes(59));
        assertThat(solve(two, second, fetch).of("fetch")).containsExactly("cached");
        secondIndex.entries.clear();
        passes(Duration.ofMinutes(2));
        assertThat(solve(two, second, fetch).of("fetch")).contains("completed");
        assertThat(solve(one, first, fetch).of("fetch")).as("the younger result is in the farm")
            .containsExactly(
                    "cached");
    }

    @Test
    void stepThatTheFileNeverKeeps_isNotLeft_oneThatTheRequestRunsIs() throws Exception {
        Vertex never = graph.add("never", new OpSpec.Run(List.of("never"), List.of(), "/", "", OpSpec.Network.NONE),
                List.of(), new Freshness.Never(Freshness.Wish.COMMENT), new StepOrigin("", "", "never", List.of()));
        solve(one, first, never);
        assertThat(farm.entries).isEmpty();
        assertThat(farm.asked).isEmpty();

        solve(one, first, ToyOps.fresh(graph, "once"));
        assertThat(farm.entries).hasSize(1);
        assertThat(farm.asked).isEmpty();
    }

    @Test
    void stepFoundHere_isToldToBeOfUse_andOnlyWhatRanIsLeft() throws Exception {
        Vertex step = step(graph, "step");
        solve(one, first, step);
        assertThat(farm.used).isEmpty();
        CacheKey key = farm.entries.keySet().iterator().next();
        farm.entries.clear();

        solve(one, first, step);

        assertThat(farm.used).containsExactly(key);
        assertThat(farm.entries).isEmpty();
    }

    @Test
    void result_thatABuildImported_isNeverLeft() throws Exception {
        Vertex step = step(graph, "step");
        first.elsewhere = new Elsewhere() {
            @Override
            public Optional<List<CachedLayer>> find(Vertex vertex, Optional<List<Result>> inputs) {
                return Optional.of(ToyOps.result("theirs").layers().stream().map(l -> l.packed().join()).toList());
            }

            @Override
            public void made(Vertex vertex, Result result) {
                // not asked here
            }
        };
        assertThat(solve(one, first, step).of("step")).containsExactly("cached");
        assertThat(solve(one, first, step).of("step")).containsExactly("cached");

        assertThat(farm.entries).isEmpty();
        assertThat(farm.used).isEmpty();
    }

    @Test
    void known_hasWhatTheFarmHas() throws Exception {
        Vertex begin = step(graph, "first");
        Vertex last = step(graph, "last", begin);
        solve(one, first, last);
        solve(two, second, last);

        BuildGraph build = graph.build(last, ImageConfig.empty(Platform.parse("linux/amd64")));
        assertThat(two.known(build, second)).containsOnlyKeys(begin, last);
    }
}
