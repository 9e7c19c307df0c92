package dev.kiln.executor.solver;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.GraphBuilder;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.layercache.index.CacheEntry;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.Platform;

import static dev.kiln.executor.solver.ToyOps.copy;
import static dev.kiln.executor.solver.ToyOps.fresh;
import static dev.kiln.executor.solver.ToyOps.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

@Timeout(60)
class SolverTest {
    @TempDir
    Path spool;

    private final InMemoryIndex index = new InMemoryIndex();
    private final ToyOps ops = new ToyOps();
    private final GraphBuilder graph = new GraphBuilder();
    private Solver solver;

    @BeforeEach
    void start() {
        solver = newSolver(2);
    }

    private Solver newSolver(int slots) {
        return new Solver(index, layer -> Optional.of(Result.Layer.of(layer)), StepHistory.NONE,
                slots, InstantSource.system(), spool);
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
    void severalTargets_shareWhatTheyHaveInCommon() throws Exception {
        Vertex base = step(graph, "base");
        Vertex one = step(graph, "one", base);
        Vertex two = step(graph, "two", base);
        BuildGraph both = all(List.of(one, base, two));
        RecordingListener first = new RecordingListener();
        Solution solution = solver.solve(both, ops, first);
        solution.recorded().join();
        assertThat(ops.runs("base")).isEqualTo(1);
        assertThat(solution.results().keySet()).containsExactlyInAnyOrder(one, base, two);
        assertThat(solution.of(one)).isNotEqualTo(solution.of(two));
        assertThat(first.lines()).containsOnlyOnce("base: completed");

        ops.outputs.put("three", "new");
        Vertex three = step(graph, "three", one);
        RecordingListener second = new RecordingListener();
        solver.solve(all(List.of(three, two)), ops, second).recorded().join();
        assertThat(second.lines()).contains("three: completed", "one: cached", "two: cached", "base: cached");
    }

    @Test
    void severalTargets_oneFails_endsTheOthers() throws Exception {
        ToyOps.Gate slow = ops.gate("slow");
        ops.failures.put("bad", new StepFailed("broken", Optional.of(3)));
        var build = new RunningBuild(solver, all(List.of(step(graph, "slow"), step(graph, "bad"))), ops);
        assertThatThrownBy(build::result).isInstanceOf(SolveFailed.class).hasMessage("broken");
        assertThat(slow.interrupted.getCount()).isZero();
        assertThat(solver.underWay()).isZero();
    }

    private BuildGraph all(List<Vertex> targets) {
        ImageConfig image = ImageConfig.empty(Platform.parse("linux/amd64"));
        return graph.build(targets.stream()
            .map(target -> new BuildGraph.Target(target, image, Optional.empty()))
            .toList(), List.of());
    }

    @Test
    void diamond_shared_runsOnceAndBranchesOverlap() throws Exception {
        Vertex base = step(graph, "base");
        Vertex join = step(graph, "join", step(graph, "left", base), step(graph, "right", base));
        ToyOps.Gate left = ops.gate("left");
        ToyOps.Gate right = ops.gate("right");
        var build = new RunningBuild(solver, to(join), ops);
        left.awaitReached();
        right.awaitReached();
        left.open();
        right.open();
        build.result();
        assertThat(ops.runs).hasSize(4).allSatisfy((command, runs) -> assertThat(runs).hasValue(1));
        assertThat(build.listener.of("left")).containsExactly("started", "log running left", "completed");
    }

    @Test
    void secondSolve_sameGraph_runsNothingAndReportsAllAsCached() throws Exception {
        Vertex base = step(graph, "base");
        Vertex join = step(graph, "join", step(graph, "left", base), step(graph, "right", base));
        solve(join);
        int gets = index.gets.get();
        assertThat(solve(join).lines()).containsExactlyInAnyOrder("base: cached", "left: cached", "right: cached",
                "join: cached");
        assertThat(ops.runs).allSatisfy((command, runs) -> assertThat(runs).hasValue(1));
        assertThat(index.gets.get() - gets).as("only the target is looked up").isEqualTo(1);
    }

    @Test
    void lateHit_parentsGoneFromIndex_areNotRun() throws Exception {
        Vertex parent = step(graph, "parent");
        Vertex child = step(graph, "child", parent);
        solve(parent);
        var parents = index.entries.keySet().stream().toList();
        solve(child);
        parents.forEach(index::remove);
        Vertex last = step(graph, "last", child);
        solve(last);
        assertThat(ops.runs("parent")).isEqualTo(1);
        assertThat(ops.runs("child")).isEqualTo(1);
        assertThat(ops.runs("last")).isEqualTo(1);
    }

    @Test
    void restart_sameIndex_runsNothing() throws Exception {
        Vertex last = step(graph, "c", step(graph, "b", step(graph, "a")));
        solve(last);
        solver.close();
        solver = newSolver(1);
        solve(last);
        assertThat(ops.runs).allSatisfy((command, runs) -> assertThat(runs).hasValue(1));
    }

    @Test
    void copy_changedSourceWithSameContent_hitsAndChildrenHitByIdentity() throws Exception {
        ops.outputs.put("source 1", "same");
        ops.outputs.put("source 2", "same");
        Vertex base = step(graph, "base");
        solve(step(graph, "after", copy(graph, "/d", base, step(graph, "source 1"))));
        RecordingListener listener = solve(step(graph, "after", copy(graph, "/d", base, step(graph, "source 2"))));
        assertThat(ops.runs("copy /d")).isEqualTo(1);
        assertThat(ops.runs("after")).isEqualTo(1);
        assertThat(listener.lines()).contains("source 2: completed", "copy /d: cached", "after: cached");
        // The hit was recorded for the new definition too, so nothing is compared next time.
        int compared = ops.contentKeys.get("copy /d").get();
        solve(step(graph, "after", copy(graph, "/d", base, step(graph, "source 2"))));
        assertThat(ops.contentKeys.get("copy /d")).hasValue(compared);
    }

    @Test
    void copy_inputsKnownByIdentity_needsNoFiles() throws Exception {
        ops.outputs.put("source 1", "same");
        ops.outputs.put("source 2", "same");
        Vertex base = step(graph, "base");
        solve(copy(graph, "/d", base, step(graph, "source 1")));
        int compared = ops.contentKeys.get("copy /d").get();
        solve(copy(graph, "/d", base, step(graph, "source 2")));
        assertThat(ops.contentKeys.get("copy /d")).hasValue(compared);
    }

    @Test
    void copy_sourceMadeJustNow_isComparedWhileTheOtherInputRuns() throws Exception {
        ToyOps.Gate base = ops.gate("base");
        Vertex copy = copy(graph, "/d", step(graph, "base"), step(graph, "source"));
        var build = new RunningBuild(solver, to(copy), ops);
        base.awaitReached();
        await().atMost(ToyOps.LONG).until(() -> ops.contentKeys.containsKey("copy /d"));
        assertThat(ops.runs("copy /d")).isZero();
        base.open();
        build.result();
        assertThat(ops.contentKeys.get("copy /d")).hasValue(1);
    }

    @RepeatedTest(30)
    void copy_comparisonFailsWhileTheStepWaitsForIt_saysWhy() throws Exception {
        ToyOps.Gate base = ops.gate("base");
        ToyOps.Gate comparing = new ToyOps.Gate();
        OpResolver failing = vertex -> new DelegatingOp(ops.resolve(vertex)) {
            @Override
            public Optional<dev.kiln.layercache.oci.Digest> contentKey(int input, Result result)
                    throws StepFailed, InterruptedException {
                comparing.pass();
                throw new StepFailed("nothing to copy", Optional.empty());
            }
        };
        Vertex copy = copy(graph, "/d", step(graph, "base"), step(graph, "source"));
        var build = new RunningBuild(solver, to(copy), failing);
        comparing.awaitReached();
        base.open();
        await().atMost(ToyOps.LONG).until(() -> ops.runs("base") == 1);
        comparing.open();
        assertThatThrownBy(build::result).isInstanceOf(SolveFailed.class)
            .cause()
            .isInstanceOf(StepFailed.class)
            .hasMessage("nothing to copy");
    }

    @Test
    void copy_cancelledWhileComparing_endsBeforeSolveReturns() throws Exception {
        ToyOps.Gate comparing = new ToyOps.Gate();
        ops.gate("base");
        OpResolver slow = vertex -> new DelegatingOp(ops.resolve(vertex)) {
            @Override
            public Optional<dev.kiln.layercache.oci.Digest> contentKey(int input, Result result)
                    throws InterruptedException {
                comparing.pass();
                return Optional.empty();
            }
        };
        Vertex copy = copy(graph, "/d", step(graph, "base"), step(graph, "source"));
        var build = new RunningBuild(solver, to(copy), slow);
        comparing.awaitReached();
        build.cancel();
        assertThat(comparing.interrupted.getCount()).isZero();
    }

    @Test
    void noCache_knownResult_runsAgainAndIsRecorded() throws Exception {
        Vertex first = step(graph, "a");
        solve(step(graph, "b", first));
        ops.outputs.put("a", "another");
        solve(step(graph, "b", fresh(graph, "a")));
        assertThat(ops.runs("a")).isEqualTo(2);
        assertThat(ops.runs("b")).as("what comes after a changed result").isEqualTo(2);
        assertThat(solve(step(graph, "b", first)).lines()).containsOnly("a: cached", "b: cached");
        assertThat(ops.runs("a")).isEqualTo(2);
    }

    @Test
    void noCache_sameResultAgain_leavesWhatComesAfterCached() throws Exception {
        ops.outputs.put("a", "same");
        solve(step(graph, "b", step(graph, "a")));
        solve(step(graph, "b", fresh(graph, "a")));
        assertThat(ops.runs("a")).isEqualTo(2);
        assertThat(ops.runs("b")).isEqualTo(1);
    }

    @Test
    void layerGone_hit_countsAsMiss() throws Exception {
        Vertex last = step(graph, "b", step(graph, "a"));
        solve(last);
        var gone = index.entries.values().stream().flatMap(e -> e.layers().stream()).toList();
        solver = new Solver(index, layer -> gone.contains(layer)
                ? Optional.empty()
                : Optional.of(Result.Layer.of(layer)), StepHistory.NONE, 1, InstantSource.system(), spool);
        solve(last);
        assertThat(ops.runs("a")).isEqualTo(2);
        assertThat(ops.runs("b")).isEqualTo(2);
    }

    @Test
    void failure_inOneBranch_cancelsTheOtherAndNamesTheVertex() throws Exception {
        Vertex bad = step(graph, "bad");
        ToyOps.Gate slow = ops.gate("slow");
        ToyOps.Gate failing = ops.gate("bad");
        ops.failures.put("bad", new StepFailed("it broke", Optional.of(3)));
        var build = new RunningBuild(solver, to(step(graph, "join", step(graph, "slow"), bad)), ops);
        slow.awaitReached();
        failing.open();
        assertThatThrownBy(build::result).isInstanceOfSatisfying(SolveFailed.class, failed -> {
            assertThat(failed.vertex()).isEqualTo(bad);
            assertThat(failed).hasMessage("it broke").hasCauseInstanceOf(StepFailed.class);
        });
        assertThat(slow.interrupted.getCount()).as("the other branch has ended when solve returns").isZero();
        assertThat(build.listener.of("bad")).endsWith("failed it broke");
        assertThat(build.listener.of("slow")).endsWith("failed cancelled");
        assertThat(ops.runs("join")).isZero();
    }

    @Test
    void failure_thenAnotherBuild_triesAgain() throws Exception {
        Vertex bad = step(graph, "bad");
        ops.failures.put("bad", new IOException("disk"));
        assertThatThrownBy(() -> solve(bad)).isInstanceOf(SolveFailed.class).hasMessage("disk");
        ops.failures.clear();
        solve(bad);
        assertThat(ops.runs("bad")).isEqualTo(2);
    }

    @Test
    void oneSlot_wideAndDeepGraph_doesNotBlock() throws Exception {
        solver = newSolver(1);
        Vertex[] branches = new Vertex[20];
        for (int i = 0; i < branches.length; i++) {
            branches[i] = step(graph, "b" + i, step(graph, "a" + i));
        }
        solve(step(graph, "join", branches));
        assertThat(ops.runs).hasSize(41);
    }

    @Test
    void tenThousandVertices_inAChain_areSolved() throws Exception {
        Vertex last = step(graph, "0");
        for (int i = 1; i < 10_000; i++) {
            last = step(graph, Integer.toString(i), last);
        }
        solve(last);
        assertThat(ops.runs).hasSize(10_000);
        assertThat(solve(last).lines()).hasSize(10_000).allMatch(line -> line.endsWith("cached"));
    }

    @Test
    void recorded_layerStillBeingPacked_waitsForIt() throws Exception {
        Vertex one = step(graph, "one");
        CompletableFuture<CacheEntry.CachedLayer> packing = new CompletableFuture<>();
        OpResolver slow = vertex -> new DelegatingOp(ops.resolve(vertex)) {
            @Override
            public Result execute(java.util.List<Result> inputs, StepLog log)
                    throws IOException, StepFailed, InterruptedException {
                super.execute(inputs, log);
                return new Result(java.util.List.of(new Result.Layer(Optional.of("snapshot"), packing)));
            }
        };
        Solution solution = solver.solve(to(one), slow, new RecordingListener());
        assertThat(solution.recorded()).isNotDone();
        assertThat(index.entries).isEmpty();
        // Nobody holds the step any more, but it is not in the index yet: it must not run again.
        Solution second = solver.solve(to(one), ops, new RecordingListener());
        packing.complete(ToyOps.result("packed").layers().getFirst().packed().join());
        solution.recorded().join();
        second.recorded().join();
        assertThat(ops.runs("one")).isEqualTo(1);
        assertThat(index.entries.values()).singleElement()
            .satisfies(entry -> assertThat(entry.preimage()).containsEntry("command", "one"));
    }
}
