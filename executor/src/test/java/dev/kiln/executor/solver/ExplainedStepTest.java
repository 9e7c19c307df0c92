package dev.kiln.executor.solver;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.GraphBuilder;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.executor.history.DiskStepHistory;
import dev.kiln.executor.history.FileLists;
import dev.kiln.layercache.index.CacheEntry;
import dev.kiln.layercache.index.CacheIndex;
import dev.kiln.layercache.index.CacheKey;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.Platform;

import static dev.kiln.executor.solver.ToyOps.copy;
import static dev.kiln.executor.solver.ToyOps.fresh;
import static dev.kiln.executor.solver.ToyOps.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** That every step that runs says why, with the history as it is. */
@Timeout(60)
class ExplainedStepTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final String FIRST = "why no earlier result of this step";

    @TempDir
    Path temp;

    private final InMemoryIndex index = new InMemoryIndex();
    private final ToyOps ops = new ToyOps();
    private final GraphBuilder graph = new GraphBuilder();
    private FileLists lists;
    private DiskStepHistory history;
    private Solver solver;

    @BeforeEach
    void start() throws Exception {
        lists = FileLists.open(temp.resolve("files"), InstantSource.system());
        history = DiskStepHistory.open(temp.resolve("steps"), lists, InstantSource.system());
        solver = solver(index, layer -> Optional.of(Result.Layer.of(layer)));
    }

    private Solver solver(CacheIndex on, CachedLayers layers) {
        return new Solver(on, layers, history, 2, InstantSource.fixed(NOW), temp);
    }

    @AfterEach
    void end() throws Exception {
        history.close();
        lists.close();
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
    void firstTime_everyStepSaysSo_andNoneOnceItIsCached() throws Exception {
        Vertex last = step(graph, "b", step(graph, "a"));
        RecordingListener first = solve(last);
        assertThat(first.of("a")).contains(FIRST);
        assertThat(first.of("b")).contains(FIRST).startsWith("started").endsWith("completed");
        assertThat(solve(last).lines()).noneMatch(line -> line.contains("why"));
    }

    @Test
    void noCache_isTheReason_andWhatComesAfterNamesIt() throws Exception {
        ops.outputs.put("a", "1");
        solve(step(graph, "b", step(graph, "a")));
        ops.outputs.put("a", "2");
        RecordingListener again = solve(step(graph, "b", fresh(graph, "a")));
        assertThat(again.of("a")).contains("why the build asked for no cache");
        assertThat(again.of("b")).contains("why a gave other files");
    }

    @Test
    void entryGone_isTheReason() throws Exception {
        Vertex last = step(graph, "b", step(graph, "a"));
        solve(last);
        index.entries.clear();
        assertThat(solve(last).of("a")).contains("why its result of " + NOW
                + " was removed from the cache: the cache has no entry for it");
    }

    @Test
    void input_gaveSomethingElse_isNamedByTheStepThatTakesIt() throws Exception {
        ops.outputs.put("source 1", "1");
        ops.outputs.put("source 2", "2");
        Vertex base = step(graph, "base");
        solve(step(graph, "after", copy(graph, "/d", base, step(graph, "source 1"))));
        RecordingListener again = solve(step(graph, "after", copy(graph, "/d", base, step(graph, "source 2"))));
        assertThat(again.of("copy /d")).contains("why source 2 gave other files");
        assertThat(again.of("after")).contains("why copy /d gave other files");
        assertThat(again.of("base")).containsExactly("cached");
    }

    @Test
    void layerGone_isTheReason() throws Exception {
        Vertex last = step(graph, "b", step(graph, "a"));
        solve(last);
        var gone = index.entries.values().stream().flatMap(e -> e.layers().stream()).toList();
        solver = solver(index, layer -> gone.contains(layer)
                ? Optional.empty()
                : Optional.of(Result.Layer.of(layer)));
        RecordingListener again = solve(last);
        for (String step : List.of("a", "b")) {
            assertThat(again.of(step)).contains("why its result of " + NOW
                    + " was removed from the cache: a layer of it is gone");
        }
    }

    @Test
    void unreadableIndex_isTheReason_andTheStepRuns() throws Exception {
        Vertex last = step(graph, "a");
        solve(last);
        solver = solver(new Unreadable(), layer -> Optional.of(Result.Layer.of(layer)));
        assertThat(solve(last).of("a")).contains("why the cache could not be read: disk error");
        assertThat(ops.runs("a")).isEqualTo(2);
    }

    private static final class Unreadable implements CacheIndex {
        @Override
        public Optional<CacheEntry> get(CacheKey key) throws IOException {
            throw new IOException("disk error");
        }

        @Override
        public void put(CacheEntry entry) throws IOException {
            throw new IOException("disk error");
        }

        @Override
        public void remove(CacheKey key) throws IOException {
            throw new IOException("disk error");
        }
    }

    @Test
    void reason_ofAStepThatFails_comesBeforeItsEnd() throws Exception {
        ops.failures.put("a", new StepFailed("exit code: 1", Optional.of(1)));
        RecordingListener listener = new RecordingListener();
        assertThatThrownBy(() -> solver.solve(to(step(graph, "a")), ops, listener)).isInstanceOf(SolveFailed.class);
        assertThat(listener.of("a")).contains(FIRST).endsWith("failed exit code: 1");
    }

    @Test
    void reason_ofASharedStep_isHeardAlsoByWhoJoinsLate() throws Exception {
        ToyOps.Gate gate = ops.gate("a");
        Vertex only = step(graph, "a");
        RunningBuild one = new RunningBuild(solver, to(only), ops);
        gate.awaitReached();
        RunningBuild two = new RunningBuild(solver, to(only), ops);
        await().atMost(ToyOps.LONG).until(() -> two.listener.of("a").contains(FIRST));
        gate.open();
        one.result();
        two.result();
        assertThat(one.listener.of("a")).contains(FIRST);
        assertThat(ops.runs("a")).isEqualTo(1);
    }
}
