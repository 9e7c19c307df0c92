package dev.kiln.executor.solver;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.GraphBuilder;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.Platform;

import static dev.kiln.executor.solver.ToyOps.copy;
import static dev.kiln.executor.solver.ToyOps.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** Two builds that want the same at the same time. */
@Timeout(60)
class SharedStepTest {
    @TempDir
    Path spool;

    private final InMemoryIndex index = new InMemoryIndex();
    private final ToyOps ops = new ToyOps();
    private Solver solver;
    private ToyOps.Gate gate;

    @BeforeEach
    void start() {
        solver = new Solver(index, layer -> Optional.of(Result.Layer.of(layer)), StepHistory.NONE, 4,
                InstantSource.system(), spool);
        gate = ops.gate("shared");
    }

    /** A build of {@code own} after {@code shared} after {@code before}. */
    private RunningBuild build(String own) {
        GraphBuilder graph = new GraphBuilder();
        return start(graph, step(graph, own, step(graph, "shared", step(graph, "before"))));
    }

    private RunningBuild start(GraphBuilder graph, Vertex target) {
        BuildGraph built = graph.build(target, ImageConfig.empty(Platform.parse("linux/amd64")));
        return new RunningBuild(solver, built, ops);
    }

    private static void awaitJoined(RunningBuild build) {
        await().atMost(ToyOps.LONG).until(() -> build.listener.of("shared").contains("log running shared"));
    }

    @Test
    void vertex_sharedByTwoBuilds_runsOnceAndBothHearAll() throws Exception {
        RunningBuild one = build("one");
        gate.awaitReached();
        RunningBuild two = build("two");
        awaitJoined(two);
        gate.open();
        one.result();
        two.result();
        assertThat(ops.runs("shared")).isEqualTo(1);
        assertThat(ops.runs("before")).isEqualTo(1);
        for (RunningBuild build : new RunningBuild[]{one, two}) {
            assertThat(build.listener.of("before")).containsExactly("started", "log running before", "completed");
            assertThat(build.listener.of("shared")).containsExactly("started", "log running shared", "completed");
        }
        assertThat(two.listener.of("one")).isEmpty();
    }

    @Test
    void warning_ofASharedStep_isHeardAlsoByWhoJoinsLate() throws Exception {
        ops.warnings.put("shared", "careful");
        RunningBuild one = build("one");
        gate.awaitReached();
        RunningBuild two = build("two");
        awaitJoined(two);
        gate.open();
        one.result();
        two.result();
        assertThat(one.listener.of("shared")).containsExactly("started", "log running shared", "warned Toy careful",
                "completed");
        assertThat(two.listener.of("shared")).isEqualTo(one.listener.of("shared"));
    }

    @Test
    void cancel_firstOfTwo_leavesTheStepToTheOther() throws Exception {
        RunningBuild one = build("one");
        gate.awaitReached();
        RunningBuild two = build("two");
        awaitJoined(two);
        one.cancel();
        assertThatThrownBy(one::result).isInstanceOf(InterruptedException.class);
        assertThat(one.listener.of("shared")).endsWith("failed cancelled");
        gate.open();
        two.result();
        assertThat(ops.runs("shared")).isEqualTo(1);
        assertThat(gate.interrupted.getCount()).isEqualTo(1);
        assertThat(ops.runs("one")).isZero();
        assertThat(ops.runs("two")).isEqualTo(1);
    }

    @Test
    void cancel_firstBeforeTheInputEnds_leavesTheInputToTheOther() throws Exception {
        ToyOps.Gate before = ops.gate("before");
        gate.open();
        RunningBuild one = build("one");
        before.awaitReached();
        RunningBuild two = build("two");
        await().atMost(ToyOps.LONG).until(() -> !two.listener.of("before").isEmpty());
        one.cancel();
        before.open();
        two.result();
        assertThat(ops.runs("before")).isEqualTo(1);
        assertThat(ops.runs("shared")).isEqualTo(1);
    }

    @Test
    void cancel_both_interruptsTheStepBeforeTheLastReturns() throws Exception {
        RunningBuild one = build("one");
        gate.awaitReached();
        RunningBuild two = build("two");
        awaitJoined(two);
        one.cancel();
        assertThat(gate.interrupted.getCount()).isEqualTo(1);
        two.cancel();
        assertThat(gate.interrupted.getCount()).isZero();
        gate.open();
        build("three").result();
        assertThat(ops.runs("shared")).as("what was cancelled is not cached").isEqualTo(2);
        assertThat(ops.runs("before")).isEqualTo(1);
    }

    @Test
    void failure_ofASharedStep_failsBothBuilds() throws Exception {
        ops.failures.put("shared", new StepFailed("it broke", Optional.of(1)));
        RunningBuild one = build("one");
        gate.awaitReached();
        RunningBuild two = build("two");
        awaitJoined(two);
        gate.open();
        assertThatThrownBy(one::result).isInstanceOf(SolveFailed.class).hasMessage("it broke");
        assertThatThrownBy(two::result).isInstanceOf(SolveFailed.class).hasMessage("it broke");
    }

    @Test
    void copies_differentlyDefinedButOfTheSameContent_runOnce() throws Exception {
        ops.outputs.put("source 1", "same");
        ops.outputs.put("source 2", "same");
        ToyOps.Gate copying = ops.gate("copy /d");
        RunningBuild one = copyOf("source 1");
        copying.awaitReached();
        RunningBuild two = copyOf("source 2");
        await().atMost(ToyOps.LONG).until(() -> two.listener.of("copy /d").size() == 2);
        one.cancel();
        copying.open();
        two.result();
        assertThat(ops.runs("copy /d")).isEqualTo(1);
        assertThat(two.listener.of("copy /d")).containsExactly("started", "log running copy /d", "completed");
        copyOf("source 2").result();
        assertThat(ops.runs("copy /d")).isEqualTo(1);
    }

    private RunningBuild copyOf(String source) {
        GraphBuilder graph = new GraphBuilder();
        return start(graph, copy(graph, "/d", step(graph, "base"), step(graph, source)));
    }

    @Test
    void listener_thatThrows_endsItsOwnBuildOnly() throws Exception {
        GraphBuilder graph = new GraphBuilder();
        BuildGraph built = graph.build(step(graph, "shared", step(graph, "before")),
                ImageConfig.empty(Platform.parse("linux/amd64")));
        RunningBuild good = build("one");
        gate.awaitReached();
        SolveListener broken = new ThrowingListener();
        assertThatThrownBy(() -> solver.solve(built, ops, broken)).isInstanceOf(IllegalStateException.class);
        gate.open();
        good.result();
    }
}
