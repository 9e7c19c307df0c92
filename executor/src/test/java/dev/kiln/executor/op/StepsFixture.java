package dev.kiln.executor.op;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.graph.GraphBuilder;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Sandbox;
import dev.kiln.executor.graph.StepMount;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.executor.mount.LinuxMounter;
import dev.kiln.executor.solver.Result;
import dev.kiln.executor.solver.SolveFailed;
import dev.kiln.executor.solver.StepFailed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** Steps for real over a data directory of the test's own; nothing of them may be left after a test. */
@Tag("privileged")
@Timeout(120)
abstract class StepsFixture {
    @TempDir
    Path data;
    Machine machine;
    final GraphBuilder graph = new GraphBuilder();

    @BeforeEach
    final void start() throws Exception {
        machine = new Machine(data);
    }

    @AfterEach
    final void end() throws Exception {
        assertThat(data.resolve("containers/bundles")).isEmptyDirectory();
        assertThat(data.resolve("containers/state")).isEmptyDirectory();
        machine.close();
        assertThat(LinuxMounter.mountsBelow(data.toRealPath())).isEmpty();
        assertThat(data.resolve("snapshots/active")).isEmptyDirectory();
        assertThat(data.resolve("caches/new")).isEmptyDirectory();
        assertThat(data.resolve("caches/shown")).isEmptyDirectory();
        assertThat(data.resolve("ssh")).isEmptyDirectory();
    }

    final Vertex busybox() throws Exception {
        return graph.source("FROM busybox", machine.busybox());
    }

    final Vertex context(Map<String, String> files) throws Exception {
        return graph.source("context", machine.context(files));
    }

    final Vertex run(String command, List<StepMount> mounts, Vertex... inputs) {
        return run(command, mounts, false, inputs);
    }

    final Vertex run(String command, List<StepMount> mounts, boolean noCache, Vertex... inputs) {
        return graph.add("RUN " + command, new OpSpec.Run(List.of("/bin/sh", "-c", command), List.of("PATH=/bin"), "/",
                "", Sandbox.of(OpSpec.Network.NONE), mounts), List.of(inputs), noCache);
    }

    final String log() {
        return machine.log.toString();
    }

    final void assertStepFails(Vertex vertex, String message) {
        assertThatThrownBy(() -> machine.solve(graph, vertex)).isInstanceOf(SolveFailed.class)
            .hasCauseInstanceOf(StepFailed.class)
            .hasMessageContaining(message);
    }

    /** What the last layer has. */
    final List<String> newFiles(Result result) throws IOException {
        Path layer = data.resolve("snapshots/snapshots")
            .resolve(result.layers().getLast().snapshot().orElseThrow())
            .resolve("fs");
        try (Stream<Path> files = Files.walk(layer)) {
            return files.filter(file -> !file.equals(layer)).map(file -> layer.relativize(file).toString()).toList();
        }
    }

    /** Interrupts a build when its step has said something, and waits for its end. */
    final void interrupt(Vertex vertex, String said) throws Exception {
        FutureTask<Result> build = new FutureTask<>(() -> machine.solve(graph, vertex));
        Thread thread = Thread.ofVirtual().start(build);
        await().atMost(Duration.ofSeconds(60)).until(() -> log().endsWith(said));
        thread.interrupt();
        assertThatThrownBy(build::get).hasCauseInstanceOf(InterruptedException.class);
    }

    /** In the whole data directory: layers, blobs, the index, logs. Files that are just being written come and go. */
    final void assertNoFileHas(String text) {
        await().atMost(Duration.ofSeconds(30))
            .ignoreExceptionsMatching(e -> e instanceof NoSuchFileException || e instanceof UncheckedIOException)
            .untilAsserted(() -> assertNoFileNowHas(text));
    }

    private void assertNoFileNowHas(String text) throws IOException {
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.filter(Files::isRegularFile)
                .filter(file -> !file.startsWith(data.resolve("containers/net")))
                .toList()) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).as(file.toString())
                    .doesNotContain(text);
            }
        }
    }
}
