package dev.kiln.executor.op;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.graph.GraphBuilder;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.executor.mount.LinuxMounter;
import dev.kiln.executor.mount.Mounter.Mounted;
import dev.kiln.executor.solver.Result;
import dev.kiln.executor.solver.SolveFailed;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** Steps for real: overlayfs, an OCI runtime, a store and an index on disk; a static busybox is the base image. */
@Tag("privileged")
@Timeout(120)
class SolveIT {
    @TempDir
    Path data;
    private Machine machine;
    private final GraphBuilder graph = new GraphBuilder();

    @BeforeEach
    void start() throws Exception {
        machine = new Machine(data);
    }

    @AfterEach
    void end() throws Exception {
        machine.close();
        assertThat(LinuxMounter.mountsBelow(data)).isEmpty();
        assertThat(data.resolve("snapshots/active")).isEmptyDirectory();
    }

    private Vertex busybox() throws Exception {
        return graph.source("FROM busybox", machine.busybox());
    }

    private Vertex run(String command, Vertex input) {
        return graph.add("RUN " + command, new OpSpec.Run(List.of("/bin/sh", "-c", command), List.of("PATH=/bin"), "/",
                "", OpSpec.Network.NONE), List.of(input), false);
    }

    private Vertex copy(String source, String destination, Vertex into, Vertex from) {
        return graph.add("COPY " + source, new OpSpec.Copy(List.of(source), destination, Optional.empty()),
                List.of(into, from), false);
    }

    private Vertex context(String text) throws Exception {
        return graph.source("context", machine.context(Map.of("file", text)));
    }

    private String fileOf(Result result, String path) throws Exception {
        try (Mounted view = machine.view(result)) {
            return Files.readString(view.target().resolve(path));
        }
    }

    private static List<Digest> diffIds(Result result) {
        return result.layers().stream().map(layer -> layer.packed().join().diffId()).toList();
    }

    @Test
    void chain_ofRunAndCopy_seesWhatCameBeforeAndDeletes() throws Exception {
        Vertex built = run("cat /in/file >/out && rm /in/file && mkdir /x", copy(".", "/in/", busybox(),
                context("hello")));
        Result result = machine.solve(graph, run("test ! -e /in/file && cat /out >/twice && cat /out >>/twice", built));
        assertThat(fileOf(result, "twice")).isEqualTo("hellohello");
        assertThat(result.layers()).hasSize(4).allSatisfy(layer -> assertThat(layer.packed()).isCompleted());
        assertThat(machine.ran).hasValue(2);
    }

    @Test
    void secondSolve_alsoAfterARestart_runsNothing() throws Exception {
        Vertex target = copy("out", "/", busybox(), run("cat /in/file >/out", copy(".", "/in/", busybox(),
                context("hello"))));
        Result first = machine.solve(graph, target);
        Result second = machine.solve(graph, target);
        assertThat(machine.ran).hasValue(1);
        machine.close();
        machine = new Machine(data);
        Result third = machine.solve(graph, target);
        assertThat(machine.ran).hasValue(0);
        assertThat(machine.opened).as("contexts opened").hasValue(0);
        assertThat(diffIds(second)).isEqualTo(diffIds(first)).isEqualTo(diffIds(third));
        assertThat(fileOf(third, "out")).isEqualTo("hello");
    }

    @Test
    void context_changedWhereNoStepLooks_runsNothing() throws Exception {
        machine.solve(graph, run("true", copy("file", "/", busybox(), graph.source("context",
                machine.context(Map.of("file", "hello", "readme", "1"))))));
        machine.solve(graph, run("true", copy("file", "/", busybox(), graph.source("context",
                machine.context(Map.of("file", "hello", "readme", "2"))))));
        assertThat(machine.ran).hasValue(1);
    }

    @Test
    void stages_independent_runAtTheSameTime() throws Exception {
        CyclicBarrier meeting = new CyclicBarrier(2);
        machine.beforeRun = () -> meeting.await(60, TimeUnit.SECONDS);
        Vertex one = run("echo 1 >/one", busybox());
        Vertex two = run("echo 2 >/two", busybox());
        Result result = machine.solve(graph, copy("two", "/", copy("one", "/", busybox(), one), two));
        assertThat(fileOf(result, "one") + fileOf(result, "two")).isEqualTo("1\n2\n");
    }

    @Test
    @Tag("row:6.3")
    void run_thatFails_endsWithItsCodeAndLeavesNoLayer() throws Exception {
        Vertex bad = run("echo oops >&2; touch /x; exit 3", busybox());
        assertThatThrownBy(() -> machine.solve(graph, bad)).isInstanceOfSatisfying(SolveFailed.class, failed -> {
            assertThat(failed).hasCauseInstanceOf(StepFailed.class)
                .hasMessage("process \"/bin/sh -c echo oops >&2; "
                        + "touch /x; exit 3\" did not complete successfully: exit code: 3");
            assertThat(failed.vertex()).isEqualTo(bad);
        });
        assertThat(machine.log).hasToString("oops\n");
    }

    @Test
    void run_asAUserThatIsNotThere_isTheBuildsFault() throws Exception {
        Vertex bad = graph.add("RUN id", new OpSpec.Run(List.of("/bin/true"), List.of(), "/", "nobody-here",
                OpSpec.Network.NONE), List.of(busybox()), false);
        assertThatThrownBy(() -> machine.solve(graph, bad)).isInstanceOf(SolveFailed.class)
            .hasCauseInstanceOf(StepFailed.class)
            .hasMessageContaining("nobody-here");
    }

    @Test
    @Tag("row:9.6")
    void workdir_missing_belongsToItsUserAndStepsSeeIt() throws Exception {
        Vertex made = graph.add("WORKDIR", new OpSpec.MakeDirectory("/srv/app", Optional.of("12:34")),
                List.of(busybox()), false);
        Result result = machine.solve(graph, graph.add("RUN", new OpSpec.Run(List.of("/bin/sh", "-c", "echo x >file"),
                List.of("PATH=/bin"), "/srv/app", "12:34", OpSpec.Network.NONE), List.of(made), false));
        try (Mounted view = machine.view(result)) {
            assertThat(Posix.lstat(RawPath.of(view.target().resolve("srv/app"))).owner()).isEqualTo(new Owner(12, 34));
            assertThat(Posix.lstat(RawPath.of(view.target().resolve("srv/app/file"))).owner())
                .isEqualTo(new Owner(12, 34));
        }
    }

    @Test
    void build_cancelled_leavesNothing() throws Exception {
        Vertex slow = run("echo here; sleep 98765", busybox());
        FutureTask<Result> build = new FutureTask<>(() -> machine.solve(graph, slow));
        Thread thread = Thread.ofVirtual().start(build);
        await().atMost(Duration.ofSeconds(60)).until(() -> machine.log.toString().equals("here\n"));
        thread.interrupt();
        assertThatThrownBy(build::get).hasCauseInstanceOf(InterruptedException.class);
        assertThat(ProcessHandle.allProcesses()
            .filter(process -> process.info().commandLine().orElse("").contains("sleep 98765"))).isEmpty();
    }
}
