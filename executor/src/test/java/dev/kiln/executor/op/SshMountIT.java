package dev.kiln.executor.op;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Sandbox;
import dev.kiln.executor.graph.StepMount;
import dev.kiln.executor.graph.StepMount.Permissions;
import dev.kiln.executor.graph.StepMount.Ssh;
import dev.kiln.executor.graph.Vertex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** RUN --mount=type=ssh for real: an {@code ssh-agent} of the host, asked by a step in the agent's own protocol. */
class SshMountIT extends StepsFixture {
    private static final String SOCKET = "/run/buildkit/ssh_agent.0";
    private static final StepMount.Bind CLIENT = new StepMount.Bind(1, ".", "/client", false);
    private static final String LIST = "/client/loader --library-path /client /client/ssh-add -l";

    /** The host's {@code ssh-add} with its libraries. */
    private Vertex client() throws Exception {
        Path client = data.resolve("client");
        if (!Files.exists(client)) {
            Files.createDirectory(client);
            Path program = Path.of("/usr/bin/ssh-add");
            Files.copy(program, client.resolve("ssh-add"), StandardCopyOption.COPY_ATTRIBUTES);
            Process ldd = new ProcessBuilder("ldd", program.toString()).start();
            Matcher files = Pattern.compile("(/\\S+) \\(0x")
                .matcher(new String(ldd.getInputStream().readAllBytes(),
                        StandardCharsets.UTF_8));
            while (files.find()) {
                Path file = Path.of(files.group(1));
                String name = file.getFileName().toString();
                Files.copy(file, client.resolve(name.startsWith("ld-") ? "loader" : name));
            }
        }
        return graph.source("context", machine.context(client));
    }

    private byte[] key(String comment) throws Exception {
        Path file = data.resolve(comment);
        Process made = new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f",
                file.toString())
            .inheritIO()
            .start();
        assertThat(made.waitFor(20, TimeUnit.SECONDS)).isTrue();
        byte[] key = Files.readAllBytes(file);
        Files.delete(file);
        return key;
    }

    private static Ssh ssh(String id, boolean required) {
        return new Ssh(id, SOCKET, new Permissions(0600, 0, 0), required);
    }

    /** Agents of this test: they have its directory as theirs. */
    private List<ProcessHandle> agents() {
        return ProcessHandle.allProcesses().filter(process -> {
            try {
                return Files.readSymbolicLink(Path.of("/proc/" + process.pid() + "/cwd"))
                    .startsWith(data.toRealPath().resolve("ssh"));
            } catch (IOException _) {
                return false;
            }
        }).toList();
    }

    private void assertNoAgents() {
        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> assertThat(agents()).isEmpty());
    }

    @Test
    @Tag("row:6.1.19")
    void agent_hasTheKeysOfItsId_andIsGoneAfterTheStep() throws Exception {
        byte[] one = key("one-key");
        machine.secrets = new MapSecrets(Map.of(), Map.of("default", List.of(one, key("two-key"))));
        var result = machine.solve(graph, run("echo $SSH_AUTH_SOCK; stat -c '%a %u:%g' $SSH_AUTH_SOCK; " + LIST,
                List.of(ssh("default", true), CLIENT), busybox(), client()));
        assertThat(log()).startsWith(SOCKET + "\n600 0:0\n").contains(" one-key (ED25519)", " two-key (ED25519)");
        assertThat(newFiles(result)).isEmpty();
        assertNoAgents();
        assertNoFileHas(new String(one, StandardCharsets.UTF_8).lines().skip(1).findFirst().orElseThrow());
    }

    @Test
    @Tag("row:6.1.8")
    void socket_ofAnotherUser_servesIt() throws Exception {
        machine.secrets = new MapSecrets(Map.of(), Map.of("default", List.of(key("k"))));
        machine.solve(graph, graph.add("RUN", new OpSpec.Run(List.of("/bin/sh", "-c", LIST + "; stat -c %u:%g "
                + "$SSH_AUTH_SOCK"), List.of("PATH=/bin"), "/", "1000", Sandbox.of(OpSpec.Network.NONE),
                List.of(new Ssh("default", SOCKET, new Permissions(0600, 1000, 0), true), CLIENT)),
                List.of(busybox(), client()), false));
        assertThat(log()).contains(" k (ED25519)").endsWith("\n1000:0\n");
    }

    @Test
    void agents_ofTwoIds_haveTheirOwnKeys_andTheVariableNamesTheFirst() throws Exception {
        machine.secrets = new MapSecrets(Map.of(), Map.of("a", List.of(key("a-key")), "b", List.of(key("b-key"))));
        machine.solve(graph, run(LIST + "; SSH_AUTH_SOCK=/b " + LIST, List.of(ssh("a", true),
                new Ssh("b", "/b", new Permissions(0600, 0, 0), true), CLIENT), busybox(), client()));
        assertThat(log()).containsSubsequence(" a-key (", " b-key (");
        assertThat(log().lines()).hasSize(2);
    }

    @Test
    @Tag("row:6.1.9")
    void keys_missing_failOnlyWhenRequired() throws Exception {
        assertStepFails(run("true", List.of(ssh("other", true)), busybox()), "unset ssh forward key other");
        machine.solve(graph, run("test ! -e $SSH_AUTH_SOCK && echo $SSH_AUTH_SOCK", List.of(ssh("x", false)),
                busybox()));
        assertThat(log()).isEqualTo(SOCKET + "\n");
    }

    @Test
    void key_thatIsNone_isTheBuildsFault_andNotTold() throws Exception {
        machine.secrets = new MapSecrets(Map.of(),
                Map.of("default", List.of("hidden text".getBytes(StandardCharsets.UTF_8))));
        Vertex step = run("true", List.of(ssh("default", true)), busybox());
        assertStepFails(step, "ssh key default: ssh-add does not take it");
        assertNoAgents();
    }

    @Test
    void interrupt_endsTheAgent() throws Exception {
        machine.secrets = new MapSecrets(Map.of(), Map.of("default", List.of(key("k"))));
        interrupt(run("echo here; sleep 65432", List.of(ssh("default", true)), busybox()), "here\n");
        assertNoAgents();
    }
}
