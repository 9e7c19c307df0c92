package dev.kiln.executor.solver;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

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
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.Platform;

import static dev.kiln.executor.solver.ToyOps.copy;
import static dev.kiln.executor.solver.ToyOps.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Steps whose results count only for a time. */
@Timeout(60)
class AgingStepTest {
    private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");
    private static final Duration DAY = Duration.ofHours(24);

    @TempDir
    Path spool;

    private final InMemoryIndex index = new InMemoryIndex();
    private final ToyOps ops = new ToyOps();
    private final GraphBuilder graph = new GraphBuilder();
    private Instant now = START;
    private Solver solver;

    @BeforeEach
    void start() {
        solver = new Solver(index, layer -> Optional.of(Result.Layer.of(layer)), StepHistory.NONE, 2, () -> now, spool);
    }

    private Vertex within(Duration ttl, String command, Vertex... inputs) {
        return graph.add(command, new OpSpec.Run(List.of(command), List.of(), "/", "", OpSpec.Network.NONE),
                List.of(inputs), new Freshness.Within(ttl), new StepOrigin("", "", command, List.of()));
    }

    private RecordingListener solve(Vertex target) throws Exception {
        BuildGraph build = graph.build(target, ImageConfig.empty(Platform.parse("linux/amd64")));
        RecordingListener listener = new RecordingListener();
        solver.solve(build, ops, listener).recorded().join();
        return listener;
    }

    @Test
    void result_withinItsTime_isTaken_andThenNoMore() throws Exception {
        Vertex step = within(DAY, "fetch");
        solve(step);
        now = START.plus(DAY);
        assertThat(solve(step).of("fetch")).containsExactly("cached");
        now = START.plus(DAY).plusSeconds(1);
        assertThat(solve(step).of("fetch"))
            .contains("why its result of 2026-01-02T03:04:05Z is older than 24h");
        assertThat(ops.runs("fetch")).isEqualTo(2);
    }

    @Test
    void freshRun_replacesTheOldResult() throws Exception {
        Vertex step = within(DAY, "fetch");
        solve(step);
        now = START.plus(DAY.multipliedBy(3));
        solve(step);
        now = now.plus(DAY);
        assertThat(solve(step).of("fetch")).containsExactly("cached");
        assertThat(ops.runs("fetch")).isEqualTo(2);
    }

    @Test
    void hits_doNotMakeAResultYounger() throws Exception {
        ops.outputs.put("a", "same");
        ops.outputs.put("b", "same");
        solve(within(DAY, "fetch", step(graph, "a")));
        now = START.plus(Duration.ofHours(23));
        assertThat(solve(within(DAY, "fetch", step(graph, "b"))).of("fetch")).containsExactly("cached");
        now = START.plus(Duration.ofHours(25));
        assertThat(solve(within(DAY, "fetch", step(graph, "b"))).of("fetch")).contains("started");
    }

    @Test
    void stepAfter_isNotTakenByItsDefinition_beforeTheOldStepRan() throws Exception {
        ops.outputs.put("fetch", "1");
        Vertex last = step(graph, "test", step(graph, "build", within(DAY, "fetch")));
        solve(last);
        ops.outputs.put("fetch", "2");
        now = START.plus(DAY.multipliedBy(2));
        solve(last);
        assertThat(List.of(ops.runs("fetch"), ops.runs("build"), ops.runs("test"))).containsExactly(2, 2, 2);
    }

    @Test
    void stepAfter_sameResultAgain_staysCached() throws Exception {
        ops.outputs.put("fetch", "same");
        Vertex last = step(graph, "test", step(graph, "build", within(DAY, "fetch")));
        solve(last);
        now = START.plus(DAY.multipliedBy(2));
        assertThat(solve(last).lines()).contains("fetch: completed", "build: cached", "test: cached");
        assertThat(solve(last).lines()).containsExactlyInAnyOrder("fetch: cached", "build: cached", "test: cached");
        assertThat(ops.runs("build")).isEqualTo(1);
    }

    @Test
    void sameStepWithoutATime_takesTheOldResult_andSharesTheKey() throws Exception {
        solve(step(graph, "fetch"));
        now = START.plus(DAY.multipliedBy(2));
        int entries = index.entries.size();
        solve(within(DAY, "fetch"));
        assertThat(ops.runs("fetch")).isEqualTo(2);
        assertThat(index.entries).as("the time is in no key").hasSize(entries);
        assertThat(solve(step(graph, "fetch")).of("fetch")).containsExactly("cached");
    }

    @Test
    void oldContent_isNoReasonToTakeIt() throws Exception {
        ops.outputs.put("source 1", "same");
        ops.outputs.put("source 2", "same");
        Vertex base = step(graph, "base");
        solve(copy(graph, "/d", base, step(graph, "source 1")));
        now = START.plus(DAY.multipliedBy(2));
        Vertex aging = graph.add("copy /d", new OpSpec.Copy(List.of("x"), "/d", Optional.empty()),
                List.of(base, step(graph, "source 2")), new Freshness.Within(DAY),
                new StepOrigin("", "", "c", List.of()));
        assertThat(solve(aging).of("copy /d")).contains("started");
        assertThat(ops.runs("copy /d")).isEqualTo(2);
    }

    @Test
    void twoBuildsAtOnce_withAndWithoutATime_runTheStepOnce() throws Exception {
        ToyOps.Gate gate = ops.gate("fetch");
        BuildGraph plain = graph.build(step(graph, "fetch"), ImageConfig.empty(Platform.parse("linux/amd64")));
        BuildGraph aging = graph.build(within(DAY, "fetch"), ImageConfig.empty(Platform.parse("linux/amd64")));
        RunningBuild one = new RunningBuild(solver, plain, ops);
        gate.awaitReached();
        RunningBuild two = new RunningBuild(solver, aging, ops);
        await()
            .atMost(ToyOps.LONG)
            .until(() -> two.listener.of("fetch").contains("started"));
        gate.open();
        one.result();
        two.result();
        assertThat(ops.runs("fetch")).isEqualTo(1);
        assertThat(solver.underWay()).isZero();
    }
}
