package dev.kiln.executor.op;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.kiln.executor.graph.GraphBuilder;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Sandbox;
import dev.kiln.executor.graph.StepMount;
import dev.kiln.executor.graph.StepMount.Bind;
import dev.kiln.executor.graph.StepMount.Cache;
import dev.kiln.executor.graph.StepMount.Permissions;
import dev.kiln.executor.graph.StepMount.Secret;
import dev.kiln.executor.graph.StepMount.Sharing;
import dev.kiln.executor.graph.StepMount.Ssh;
import dev.kiln.executor.graph.StepMount.Tmpfs;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.executor.mount.LinuxMounter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** An executor is killed while a step has everything mounted; the next one on the same folder finds nothing of it. */
class KilledStepIT extends StepsFixture {
    private static final Cache LOCKED = new Cache("c", Sharing.LOCKED, OptionalInt.empty(), "d", "/c", false,
            Optional.empty());

    @Test
    @Tag("row:6.1.17")
    void kill_leavesNoSecretAgentMountOrLock_andTheCacheIsUsable() throws Exception {
        machine.solve(graph, run("mkdir /c/d; echo kept >/c/d/f", List.of(new Cache("c", Sharing.LOCKED,
                OptionalInt.empty(), ".", "/c", false, Optional.empty())), busybox()));
        Path key = data.resolve("key");
        assertThat(new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString()).start()
            .waitFor(20, TimeUnit.SECONDS)).isTrue();
        machine.close();
        Process child = new ProcessBuilder(ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                Killed.class.getName(), data.toString(), key.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
        assertThat(child.inputReader().readLine()).isEqualTo("ready");
        assertThat(LinuxMounter.mountsBelow(data.toRealPath())).isNotEmpty();
        child.destroyForcibly();
        assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();

        Files.delete(key);
        machine = new Machine(data);

        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> assertThat(processes()).isEmpty());
        assertThat(LinuxMounter.mountsBelow(data.toRealPath().resolve("snapshots"))).isEmpty();
        assertThat(LinuxMounter.mountsBelow(data.toRealPath().resolve("caches"))).isEmpty();
        assertThat(data.resolve("containers/bundles")).isEmptyDirectory();
        assertThat(data.resolve("ssh")).isEmptyDirectory();
        assertNoFileHas("s3cr3t-value");
        assertNoFileHas("PRIVATE KEY");
        machine.solve(graph, run("cat /c/f", List.of(LOCKED), busybox()));
        assertThat(log()).isEqualTo("kept\n");
    }

    /** Those of the step and of its agent. */
    private List<ProcessHandle> processes() {
        return ProcessHandle.allProcesses().filter(process -> {
            try {
                Path at = Path.of("/proc/" + process.pid());
                return Files.readString(at.resolve("cmdline")).contains("54329")
                        || Files.readSymbolicLink(at.resolve("cwd")).startsWith(data.toRealPath());
            } catch (IOException _) {
                return false;
            }
        }).toList();
    }

    /** Main of the child JVM: prints {@code ready} when the step has all it wants. */
    static final class Killed {
        private Killed() {}

        public static void main(String[] args) throws Exception {
            Machine machine = new Machine(Path.of(args[0]));
            machine.secrets = new MapSecrets(Map.of("tok", "s3cr3t-value".getBytes(StandardCharsets.UTF_8)),
                    Map.of("default", List.of(Files.readAllBytes(Path.of(args[1])))));
            Permissions root = new Permissions(0400, 0, 0);
            GraphBuilder graph = new GraphBuilder();
            Vertex step = graph.add("RUN", new OpSpec.Run(List.of("/bin/sh", "-c",
                    "test -S $SSH_AUTH_SOCK && test -f /run/tok && test -f /c/f && echo x >/in/a && echo here;"
                            + " sleep 54329"),
                    List.of("PATH=/bin"), "/", "", Sandbox.of(OpSpec.Network.NONE),
                    List.of(new Secret("tok", Optional.of("/run/tok"), Optional.of("TOK"), root, true),
                            new Ssh("default", "/run/agent", root, true), LOCKED, new Bind(1, ".", "/in", true),
                            new Tmpfs("/t", OptionalLong.empty()))),
                    List.of(graph.source("FROM busybox", machine.busybox()),
                            graph.source("context", machine.context(Map.of("a", "1")))),
                    false);
            Thread.ofPlatform().daemon().start(() -> {
                while (!machine.log.toString().equals("here\n")) {
                    Thread.onSpinWait();
                }
                System.out.println("ready");
            });
            machine.solve(graph, step);
        }
    }
}
