package dev.kiln.executor.op;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.kiln.executor.cachemount.KeptCache;
import dev.kiln.executor.graph.StepMount;
import dev.kiln.executor.graph.StepMount.Cache;
import dev.kiln.executor.graph.StepMount.Permissions;
import dev.kiln.executor.graph.StepMount.Sharing;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.executor.solver.Result;

import static org.assertj.core.api.Assertions.assertThat;

/** RUN --mount=type=cache for real. */
class CacheMountIT extends StepsFixture {

    private static Cache cache(String id, Sharing sharing) {
        return new Cache(id, sharing, OptionalInt.empty(), ".", "/cache", false, Optional.empty());
    }

    private static Cache shared(String id) {
        return cache(id, Sharing.SHARED);
    }

    private static Cache part(String id, String source) {
        return new Cache(id, Sharing.SHARED, OptionalInt.empty(), source, "/cache", false, Optional.empty());
    }

    private Result solve(Vertex vertex) throws Exception {
        return machine.solve(graph, vertex);
    }

    private FutureTask<Result> start(Vertex vertex) {
        FutureTask<Result> build = new FutureTask<>(() -> solve(vertex));
        Thread.ofVirtual().start(build);
        return build;
    }

    @Test
    @Tag("row:6.1.14")
    @Tag("row:6.1.5")
    void cache_isKeptFromStepToStepAndOverARestart_underItsId() throws Exception {
        Result result = solve(run("echo one >/cache/x", List.of(shared("a")), busybox()));
        assertThat(newFiles(result)).isEmpty();
        solve(run("cat /cache/x; test -d /cache", List.of(shared("a")), busybox()));
        solve(run("ls /cache", List.of(shared("b")), busybox()));
        assertThat(log()).isEqualTo("one\n");
        machine.close();
        machine = new Machine(data);
        solve(run("cat /other/x", List.of(new Cache("a", Sharing.LOCKED, OptionalInt.empty(), ".", "/other", false,
                Optional.empty())), busybox()));
        assertThat(log()).isEqualTo("one\n");
    }

    @Test
    @Tag("row:6.11")
    void cache_survivesNoCache() throws Exception {
        for (int i = 0; i < 2; i++) {
            solve(run("echo x >>/cache/x; cat /cache/x", List.of(shared("a")), true, busybox()));
        }
        assertThat(machine.ran).hasValue(2);
        assertThat(log()).isEqualTo("x\nx\nx\n");
    }

    @Test
    @Tag("row:6.10")
    void key_knowsTheTarget_butNeitherIdNorSharing() throws Exception {
        solve(run("true", List.of(shared("a")), busybox()));
        solve(run("true", List.of(cache("b", Sharing.LOCKED)), busybox()));
        assertThat(machine.ran).hasValue(1);
        solve(run("true", List.of(new Cache("a", Sharing.SHARED, OptionalInt.empty(), ".", "/elsewhere", false,
                Optional.empty())), busybox()));
        assertThat(machine.ran).hasValue(2);
    }

    @Test
    @Tag("row:6.1.8")
    void root_ofANewOne_looksAsAsked() throws Exception {
        solve(run("stat -c '%a %u:%g' /cache", List.of(shared("a")), busybox()));
        solve(run("stat -c '%a %u:%g' /cache", List.of(new Cache("b", Sharing.SHARED, OptionalInt.empty(), ".",
                "/cache", false, Optional.of(new Permissions(0710, 12, 34)))), busybox()));
        assertThat(log()).isEqualTo("755 0:0\n710 12:34\n");
    }

    private static Cache onlyOnSuccess(Sharing sharing) {
        return new Cache("a", sharing, OptionalInt.empty(), ".", "/cache", false, Optional.empty(), true);
    }

    @Test
    void failedStep_leavesACacheThatCountsOnlyOnSuccessAsItWas() throws Exception {
        solve(run("echo good >/cache/x; mkdir /cache/d", List.of(shared("a")), busybox()));
        for (Sharing sharing : Sharing.values()) {
            assertStepFails(run("echo bad >/cache/x; rm -r /cache/d; echo bad >/cache/y; exit 3 # " + sharing,
                    List.of(onlyOnSuccess(sharing)), busybox()), "exit code: 3");
        }
        solve(run("cat /cache/x; ls /cache", List.of(shared("a")), busybox()));
        assertThat(log()).isEqualTo("good\nd\nx\n");
        solve(run("echo better >/cache/x; rm -r /cache/d", List.of(onlyOnSuccess(Sharing.SHARED)), busybox()));
        solve(run("cat /cache/x; ls /cache # again", List.of(shared("a")), busybox()));
        assertThat(log()).isEqualTo("good\nd\nx\nbetter\nx\n");
    }

    @Test
    void cancelledStep_leavesACacheThatCountsOnlyOnSuccessAsItWas() throws Exception {
        interrupt(run("echo bad >/cache/x; echo started; sleep 60", List.of(onlyOnSuccess(Sharing.SHARED)), busybox()),
                "started\n");
        solve(run("ls /cache", List.of(shared("a")), busybox()));
        assertThat(log()).isEqualTo("started\n");
    }

    @Test
    @Tag("row:6.1.4")
    void readOnly_takesNoWrites() throws Exception {
        solve(run("! echo x 2>/dev/null >/cache/x", List.of(new Cache("a", Sharing.SHARED, OptionalInt.empty(), ".",
                "/cache", true, Optional.empty())), busybox()));
    }

    @Test
    @Tag("row:6.1.3")
    void from_isWhatANewOneBeginsWith_onceOnly() throws Exception {
        Vertex stage = run("mkdir -p /made/sub; echo first >/made/sub/x; ln /made/sub/x /made/y", List.of(), busybox());
        Cache from = new Cache("a", Sharing.SHARED, OptionalInt.of(1), "made", "/cache", false, Optional.empty());
        solve(run("cat /cache/sub/x; echo changed >/cache/sub/x", List.of(from), busybox(), stage));
        solve(run("cat /cache/y", List.of(from), busybox(), stage));
        assertThat(log()).isEqualTo("first\nchanged\n");
        Vertex other = run("mkdir -p /made/sub; echo second >/made/sub/x", List.of(), busybox());
        solve(run("cat /cache/sub/x", List.of(from), busybox(), other));
        assertThat(log()).isEqualTo("first\nchanged\nsecond\n");
    }

    @Test
    void from_theContext_isCopiedAndStaysAsItIs() throws Exception {
        Cache from = new Cache("a", Sharing.SHARED, OptionalInt.of(1), ".", "/cache", false, Optional.empty());
        Vertex context = context(Map.of("f", "context"));
        solve(run("cat /cache/f; echo x >/cache/f", List.of(from), busybox(), context));
        solve(run("cat /in/f", List.of(new StepMount.Bind(1, ".", "/in", false)), busybox(), context));
        assertThat(log()).isEqualTo("contextcontext");
    }

    @Test
    @Tag("row:6.1.2")
    void source_isAPartOfTheCache_thatMustBeThere() throws Exception {
        solve(run("mkdir -p /cache/d/e; echo deep >/cache/d/e/f", List.of(shared("a")), busybox()));
        solve(run("cat /cache/e/f; echo 2 >/cache/e/g", List.of(part("a", "d")), busybox()));
        solve(run("cat /cache", List.of(part("a", "d/e/f")), busybox()));
        solve(run("cat /cache/d/e/g", List.of(shared("a")), busybox()));
        assertThat(log()).isEqualTo("deep\ndeep\n2\n");
        assertStepFails(run("true", List.of(part("a", "none")), busybox()), "open /none: no such file or directory");
    }

    @Test
    @Tag("row:6.1.16")
    void source_throughALinkThatLeadsOut_showsNothingOfTheHost() throws Exception {
        Path victim = Files.createDirectory(data.resolve("victim"));
        Files.writeString(victim.resolve("secret"), "the host's");
        solve(run("ln -s " + victim + " /cache/abs; ln -s ../../../../../../../../../../.." + victim + " /cache/up;"
                + " ln -s /proc/self/root /cache/magic; mkdir /cache/d; ln -s .. /cache/d/up", List.of(shared("a")),
                busybox()));
        for (String source : List.of("abs", "up", "abs/secret", "d/up/abs", "magic" + victim)) {
            assertStepFails(run("cat /cache/secret /cache " + source, List.of(part("a", source)), busybox()),
                    "no such file or directory in the cache");
        }
        assertThat(log()).doesNotContain("the host's");
    }

    /** While one process of the executor swaps a directory with a link to the outside. */
    @Test
    @Tag("row:6.1.16")
    void source_thatIsSwappedMeanwhile_neverShowsTheHost() throws Exception {
        Path victim = Files.createDirectory(data.resolve("victim"));
        Files.writeString(victim.resolve("which"), "outside\n");
        solve(run("mkdir /cache/d; echo inside >/cache/d/which", List.of(shared("a")), busybox()));
        Path cache = data.resolve("caches/kept").resolve(machine.caches.list().getFirst().name()).resolve("fs");
        Thread swapper = Thread.ofPlatform().start(() -> {
            while (!Thread.interrupted()) {
                try {
                    Files.move(cache.resolve("d"), cache.resolve("d2"));
                    Files.createSymbolicLink(cache.resolve("d"), victim);
                    Files.delete(cache.resolve("d"));
                    Files.move(cache.resolve("d2"), cache.resolve("d"));
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
        });
        try {
            for (int i = 0; i < 15; i++) {
                try {
                    solve(run("cat /cache/which # " + i, List.of(part("a", "d")), busybox()));
                } catch (dev.kiln.executor.solver.SolveFailed e) {
                    assertThat(e).hasMessageContaining("no such file or directory in the cache");
                }
            }
        } finally {
            swapper.interrupt();
            swapper.join();
        }
        assertThat(log()).doesNotContain("outside");
    }

    @Test
    @Tag("row:6.1.15")
    @Tag("row:6.1.6")
    void shared_isHadByTwoAtATime() throws Exception {
        CyclicBarrier meeting = new CyclicBarrier(2);
        machine.beforeRun = () -> meeting.await(60, TimeUnit.SECONDS);
        FutureTask<Result> one = start(run("echo 1 >/cache/one", List.of(shared("a")), busybox()));
        solve(run("echo 2 >/cache/two", List.of(shared("a")), busybox()));
        one.get();
        assertThat(machine.caches.list()).hasSize(1);
    }

    @Test
    @Tag("row:6.1.15")
    @Tag("row:6.1.6")
    void private_secondAtATimeGetsAFreshOne_usedAgainLater() throws Exception {
        CyclicBarrier meeting = new CyclicBarrier(2);
        machine.beforeRun = () -> meeting.await(60, TimeUnit.SECONDS);
        Cache mine = cache("a", Sharing.PRIVATE);
        FutureTask<Result> one = start(run("test ! -e /cache/x && echo 1 >/cache/x", List.of(mine), busybox()));
        solve(run("test ! -e /cache/x && echo 2 >/cache/x", List.of(mine), busybox()));
        one.get();
        assertThat(machine.caches.list()).hasSize(2);
        machine.beforeRun = () -> true;
        solve(run("test -e /cache/x", List.of(mine), busybox()));
        assertThat(machine.caches.list()).hasSize(2).noneMatch(KeptCache::lent);
    }

    @Test
    @Tag("row:6.1.15")
    @Tag("row:6.1.6")
    void locked_letsOneAtATimeIn_alsoTwoCachesInOppositeOrder() throws Exception {
        List<StepMount> oneWay = new ArrayList<>(List.of(cache("a", Sharing.LOCKED), new Cache("b", Sharing.LOCKED,
                OptionalInt.empty(), ".", "/b", false, Optional.empty())));
        String alone = "mkdir /cache/lock /b/lock && sleep 0.05 && rm -r /cache/lock /b/lock";
        List<FutureTask<Result>> builds = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            builds.add(start(run(alone + " # " + i, i % 2 == 0 ? oneWay : oneWay.reversed(), busybox())));
        }
        for (FutureTask<Result> build : builds) {
            build.get(60, TimeUnit.SECONDS);
        }
        assertThat(machine.caches.list()).hasSize(2);
    }

    @Test
    void locked_waiting_canBeCancelled() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        machine.beforeRun = () -> {
            running.countDown();
            return go.await(60, TimeUnit.SECONDS);
        };
        FutureTask<Result> first = start(run("true # 1", List.of(cache("a", Sharing.LOCKED)), busybox()));
        running.await();
        FutureTask<Result> second = new FutureTask<>(
                () -> solve(run("true # 2", List.of(cache("a", Sharing.LOCKED)), busybox())));
        Thread waiting = Thread.ofVirtual().start(second);
        waiting.join(java.time.Duration.ofMillis(300));
        assertThat(second).isNotDone();
        waiting.interrupt();
        waiting.join();
        go.countDown();
        first.get();
        assertThat(machine.ran).hasValue(1);
    }

    @Test
    void twoTargets_ofOneIdInOneStep_areTheSameCache() throws Exception {
        List<StepMount> mounts = Arrays.asList(cache("a", Sharing.LOCKED), new Cache("a", Sharing.PRIVATE,
                OptionalInt.empty(), ".", "/b", false, Optional.empty()));
        solve(run("echo same >/cache/x; cat /b/x", mounts, busybox()));
        assertThat(log()).isEqualTo("same\n");
    }
}
