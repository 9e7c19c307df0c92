package dev.kiln.executor.ssh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/** Starts agents for steps. */
public final class SshAgents {
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final Path directory;
    private final Supplier<String> ids;

    private SshAgents(Path directory, Supplier<String> ids) {
        this.directory = directory;
        this.ids = ids;
    }

    /**
     * Takes a directory for sockets, and cleans it. Agents of an earlier process are gone: they end with it.
     *
     * @param ids gives letters and digits that never come twice
     */
    public static SshAgents open(Path directory, Supplier<String> ids) throws IOException {
        Posix.deleteTree(RawPath.of(directory));
        Files.createDirectories(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        return new SshAgents(directory.toRealPath(), ids);
    }

    /**
     * Who may use the socket of an agent.
     *
     * @param mode of which only the permission bits count
     */
    public record Access(int mode, long uid, long gid) {}

    /**
     * Starts an agent that holds these keys until it is closed.
     *
     * @param keys as files of private keys have them, without passphrase
     * @throws SshException when a key is none, or has a passphrase
     */
    public StepAgent start(List<byte[]> keys, Access access) throws IOException, InterruptedException {
        Path own = Files.createDirectory(directory.resolve(ids.get()));
        AgentProcess agent = null;
        try {
            agent = AgentProcess.start(program("ssh-agent"), own);
            Path add = program("ssh-add");
            for (byte[] key : keys) {
                agent.add(add, key);
            }
            AgentRelay relay = AgentRelay.open(own, agent.socketName());
            RawPath socket = RawPath.of(relay.socket());
            StepAgent step = new StepAgent(own, agent, relay);
            Posix.chown(socket, new Owner(access.uid(), access.gid()));
            Posix.chmod(socket, access.mode() & 0777);
            return step;
        } catch (IOException | InterruptedException | RuntimeException e) {
            if (agent != null) {
                agent.close();
            }
            Posix.deleteTree(RawPath.of(own));
            throw e;
        }
    }

    private static Path program(String name) throws IOException {
        String own = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Stream.of((own + ":" + PATH).split(":"))
            .filter(directory -> directory.startsWith("/"))
            .map(directory -> Path.of(directory, name))
            .filter(Files::isExecutable)
            .findFirst()
            .orElseThrow(() -> new IOException(name + " is not installed on this executor, and RUN --mount=type=ssh"
                    + " needs it. Install it: apt-get install openssh-client"));
    }
}
