package dev.kiln.executor.ssh;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** A real {@code ssh-agent} behind the relay, asked in its own protocol. Needs openssh-client. */
@Tag("privileged")
@Timeout(60)
class SshAgentsIT {
    private static final SshAgents.Access ROOT = new SshAgents.Access(0600, 0, 0);
    private static final byte FAILURE = 5;
    private static final byte LIST = 11;
    private static final byte KEYS = 12;

    @TempDir
    Path temp;
    private SshAgents agents;
    private Path directory;

    @BeforeEach
    void open() throws IOException {
        // Longer than the address of a socket may be.
        directory = Files.createDirectories(temp.toRealPath().resolve("a".repeat(120))).resolve("ssh");
        agents = SshAgents.open(directory, () -> UUID.randomUUID().toString());
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(directory).isEmptyDirectory();
        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> assertThat(processes(directory)).isEmpty());
    }

    /** Those whose directory is below. */
    private static List<ProcessHandle> processes(Path directory) {
        return ProcessHandle.allProcesses().filter(process -> {
            try {
                return Files.readSymbolicLink(Path.of("/proc/" + process.pid() + "/cwd")).startsWith(directory);
            } catch (IOException _) {
                return false;
            }
        }).toList();
    }

    private byte[] key() throws IOException, InterruptedException {
        return key(temp);
    }

    private static byte[] key(Path temp) throws IOException, InterruptedException {
        Path file = temp.resolve("key-" + UUID.randomUUID());
        assertThat(new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file.toString()).inheritIO()
            .start()
            .waitFor(20, TimeUnit.SECONDS)).isTrue();
        return Files.readAllBytes(file);
    }

    /** A connection of a step; its address is a short link to the socket. */
    private SocketChannel connect(StepAgent agent) throws IOException {
        Path link = Files.createSymbolicLink(temp.resolve("s" + UUID.randomUUID().toString().substring(0, 8)),
                agent.socket());
        return SocketChannel.open(UnixDomainSocketAddress.of(link));
    }

    private static byte[] ask(SocketChannel channel, byte... message) throws IOException {
        channel.write(ByteBuffer.allocate(4 + message.length).putInt(message.length).put(message).flip());
        DataInputStream in = new DataInputStream(Channels.newInputStream(channel));
        return in.readNBytes(in.readInt());
    }

    @Test
    void agent_listsItsKeysAndSigns() throws Exception {
        try (StepAgent agent = agents.start(List.of(key(), key()), ROOT); SocketChannel step = connect(agent)) {
            ByteBuffer keys = ByteBuffer.wrap(ask(step, LIST));
            assertThat(keys.get()).isEqualTo(KEYS);
            assertThat(keys.getInt()).isEqualTo(2);
            byte[] blob = new byte[keys.getInt()];
            keys.get(blob);
            ByteArrayOutputStream sign = new ByteArrayOutputStream();
            sign.write(13);
            sign.write(ByteBuffer.allocate(4).putInt(blob.length).array());
            sign.write(blob);
            sign.write(new byte[]{0, 0, 0, 2, 'h', 'i', 0, 0, 0, 0});
            assertThat(ask(step, sign.toByteArray())[0]).isEqualTo((byte) 14);
        }
    }

    @Test
    void relay_passesOnNothingThatChangesTheAgent() throws Exception {
        try (StepAgent agent = agents.start(List.of(key()), ROOT); SocketChannel step = connect(agent)) {
            for (int type = 0; type < 256; type++) {
                if (type != LIST && type != 13) {
                    assertThat(ask(step, (byte) type, (byte) 0)).as("request " + type).containsExactly(FAILURE);
                }
            }
            assertThat(ask(step, LIST)).startsWith(KEYS, 0, 0, 0, 1);
        }
    }

    @Test
    void relay_hangsUpOnNonsense_andServesOthers() throws Exception {
        try (StepAgent agent = agents.start(List.of(key()), ROOT)) {
            for (int length : new int[]{0, -1, Integer.MAX_VALUE, (256 << 10) + 1}) {
                try (SocketChannel step = connect(agent)) {
                    step.write(ByteBuffer.allocate(4).putInt(length).flip());
                    assertThat(step.read(ByteBuffer.allocate(1))).isEqualTo(-1);
                }
            }
            try (SocketChannel step = connect(agent)) {
                assertThat(ask(step, LIST)[0]).isEqualTo(KEYS);
            }
        }
    }

    @Test
    void relay_manyConnections_areClosedWithTheirClients() throws Exception {
        try (StepAgent agent = agents.start(List.of(key()), ROOT)) {
            for (int i = 0; i < 100; i++) {
                try (SocketChannel step = connect(agent)) {
                    assertThat(ask(step, LIST)[0]).isEqualTo(KEYS);
                }
            }
            List<SocketChannel> open = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                open.add(connect(agent));
            }
            open.getFirst().close();
            try (SocketChannel last = connect(agent)) {
                assertThat(ask(last, LIST)[0]).isEqualTo(KEYS);
            }
            for (SocketChannel channel : open) {
                channel.close();
            }
        }
    }

    @Test
    void key_thatIsNone_isRefusedWithoutBeingTold() {
        assertThatThrownBy(() -> agents.start(List.of("private text".getBytes(StandardCharsets.UTF_8)), ROOT))
            .isInstanceOf(SshException.class)
            .hasMessageContaining("without passphrase")
            .hasMessageNotContaining("private text");
    }

    /** A child JVM with an agent is killed. */
    @Test
    void agent_ofAKilledExecutor_ends() throws Exception {
        Path other = Files.createDirectory(temp.toRealPath().resolve("other"));
        Process child = new ProcessBuilder(ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                Abandoner.class.getName(), other.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
        assertThat(child.inputReader().readLine()).isEqualTo("ready");
        assertThat(processes(other)).isNotEmpty();
        child.destroyForcibly();
        assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> assertThat(processes(other)).isEmpty());
        SshAgents.open(other.resolve("ssh"), () -> "x");
        assertThat(other.resolve("ssh")).isEmptyDirectory();
    }

    /** Main of the child JVM: prints {@code ready} when its agent has a key. */
    static final class Abandoner {
        private Abandoner() {}

        public static void main(String[] args) throws Exception {
            Path directory = Path.of(args[0]);
            SshAgents agents = SshAgents.open(directory.resolve("ssh"), () -> "one");
            StepAgent agent = agents.start(List.of(key(directory)), ROOT);
            System.out.println("ready");
            Thread.sleep(Duration.ofMinutes(1));
            agent.close();
        }
    }
}
