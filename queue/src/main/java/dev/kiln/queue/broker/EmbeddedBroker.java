package dev.kiln.queue.broker;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.queue.broker.BrokerException.Code;

/**
 * A Kafka broker that serves this machine only, as a child process (broker and controller in one).
 *
 * <p>It listens on two ports of 127.0.0.1, the same ones at each start unless they are taken; all that must last is in
 * the data directory. It ends when {@link #close} is called, and also when this process ends in any way, {@code kill -9} included: the child
 * watches its standard input. What a client was told is durable survives the death of both processes, since it is in
 * the system's page cache by then; Kafka leaves it to the system when that reaches the disk, so the loss of power may
 * cost the last seconds, as it would a build that runs.
 *
 * <p>Anyone with an account on this machine can connect. Safe for many threads.
 */
public final class EmbeddedBroker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);
    /** A system property: more options of the broker's JVM, set apart by spaces, in place of the archive that it makes itself. */
    public static final String JVM_OPTIONS = "kiln.broker.options";
    /** What the broker's JVM is always given. */
    public static final List<String> FLAGS = List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError", "-XX:-UsePerfData");

    private static final String HOST = "127.0.0.1";
    private static final Duration READY_PATIENCE = Duration.ofSeconds(90);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(20);
    /** A broker whose parent was killed needs a moment to notice and to stop. */
    private static final Duration LOCK_PATIENCE = Duration.ofSeconds(20);
    private static final int ATTEMPTS = 3;
    private static final int FIRST_PORT = 20_000;
    private static final int LAST_PORT = 32_000;

    private final Process process;
    private final String bootstrap;
    private final Duration startTime;

    private EmbeddedBroker(Process process, String bootstrap, Duration startTime) {
        this.process = process;
        this.bootstrap = bootstrap;
        this.startTime = startTime;
    }

    /**
     * Starts a broker on {@code dataDir}, which is made when it is not there, and waits until it takes connections.
     *
     * @throws BrokerException {@code IN_USE} when another broker still holds the directory after 20 seconds
     */
    public static EmbeddedBroker start(Path dataDir) throws BrokerException {
        return start(dataDir, LOCK_PATIENCE);
    }

    static EmbeddedBroker start(Path dataDir, Duration lockPatience) throws BrokerException {
        BrokerFiles files = new BrokerFiles(dataDir.toAbsolutePath().normalize());
        long begin = System.nanoTime();
        awaitUnlocked(files, lockPatience);
        for (int attempt = 1;; attempt++) {
            int[] ports = choosePorts(attempt == 1 ? files.lastPorts() : new int[0]);
            Process process = launch(files, ports);
            if (awaitReady(process, ports[0])) {
                Duration took = Duration.ofNanos(System.nanoTime() - begin);
                LOG.info("broker ready port={} pid={} millis={}", ports[0], process.pid(), took.toMillis());
                return new EmbeddedBroker(process, HOST + ":" + ports[0], took);
            }
            BrokerException problem = problem(process, files);
            if (problem.code() != Code.FAILED || attempt == ATTEMPTS || !anyTaken(ports)) {
                throw problem;
            }
            LOG.warn("broker failed to start, trying other ports attempt={}", attempt);
        }
    }

    /** The address for {@code bootstrap.servers}. */
    public String bootstrap() {
        return bootstrap;
    }

    /** How long it took to start. */
    public Duration startTime() {
        return startTime;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Stops the broker in order, and kills it when that takes longer than 20 seconds. */
    @Override
    public void close() {
        process.destroy();
        if (!waitFor(STOP_PATIENCE)) {
            LOG.warn("broker did not stop in time, killing it pid={}", process.pid());
            kill();
        }
    }

    /** Ends the process at once, as a crash would. */
    void kill() {
        process.destroyForcibly();
        waitFor(STOP_PATIENCE);
    }

    private boolean waitFor(Duration patience) {
        try {
            return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Only then are the ports of the last start free again. The child takes the lock by itself. */
    private static void awaitUnlocked(BrokerFiles files, Duration patience) throws BrokerException {
        try {
            if (!files.awaitUnlocked(patience)) {
                throw inUse(files);
            }
        } catch (IOException e) {
            throw new BrokerException(Code.FILES, "start the embedded broker in " + files.dataDir() + ": "
                    + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerException(Code.FAILED, "start the embedded broker: interrupted", e);
        }
    }

    private static BrokerException inUse(BrokerFiles files) {
        return new BrokerException(Code.IN_USE, "start the embedded broker: " + files.dataDir()
                + " is in use by the broker of another Kiln (process " + files.holder()
                + "); stop that one, or use another data directory");
    }

    private static Process launch(BrokerFiles files, int[] ports) throws BrokerException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(FLAGS);
        command.add("-Dlogback.configurationFile=" + files.logging().getFileName());
        command.addAll(starting(files));
        command.addAll(List.of("-cp", classPath(), BrokerMain.class.getName(), files.lock().toString(),
                files.storage().toString(), files.properties().toString(), newClusterId()));
        try {
            files.prepare(properties(files, ports));
            return new ProcessBuilder(command).directory(files.dataDir().toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(files.log().toFile()))
                .start();
        } catch (IOException e) {
            throw new BrokerException(Code.FILES, "start the embedded broker in " + files.dataDir() + ": "
                    + e.getMessage(), e);
        }
    }

    /** Options that make the start shorter. */
    private static List<String> starting(BrokerFiles files) {
        String given = System.getProperty(JVM_OPTIONS, "");
        if (!given.isBlank()) {
            return List.of(given.strip().split(" +"));
        }
        if (files.isFormatted() && ownPath().stream().allMatch(Files::isRegularFile)) {
            // Halves the start from the third one on: 2.4 s to 1.1 s. Making it takes 4 s, so a broker that starts only once
            // goes without. The JVM makes it anew by itself when it does not fit any more.
            return List.of("-XX:+AutoCreateSharedArchive", "-XX:SharedArchiveFile=broker.jsa");
        }
        return List.of();
    }

    /** The broker's class path: that of this process, for whoever can embed a broker has its server there. */
    public static String classPath() {
        return ownPath().stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    private static List<Path> ownPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(s -> !s.isEmpty())
            .map(entry -> Path.of(entry).toAbsolutePath())
            .toList();
    }

    /** The storage is named relative to the data directory, where the child runs: Kafka splits the path at commas. */
    private static Properties properties(BrokerFiles files, int[] ports) {
        Properties properties = ServerProperties.load();
        properties.setProperty("log.dirs", files.storage().getFileName().toString());
        properties.setProperty("controller.quorum.voters", "1@" + HOST + ":" + ports[1]);
        properties.setProperty("listeners", "BROKER://" + HOST + ":" + ports[0] + ",CONTROLLER://" + HOST + ":"
                + ports[1]);
        properties.setProperty("advertised.listeners", "BROKER://" + HOST + ":" + ports[0]);
        return properties;
    }

    /** Kafka writes a cluster's id as 16 bytes in base 64; the first character must not be a dash. */
    private static String newClusterId() {
        UUID id = UUID.randomUUID();
        byte[] bytes = ByteBuffer.allocate(16)
            .putLong(id.getMostSignificantBits() & Long.MAX_VALUE)
            .putLong(id.getLeastSignificantBits())
            .array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static boolean awaitReady(Process process, int port) throws BrokerException {
        long deadline = System.nanoTime() + READY_PATIENCE.toNanos();
        while (process.isAlive() && System.nanoTime() - deadline < 0) {
            if (connects(port)) {
                return true;
            }
            try {
                process.waitFor(20, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
                throw new BrokerException(Code.FAILED, "start the embedded broker: interrupted", e);
            }
        }
        return false;
    }

    private static BrokerException problem(Process process, BrokerFiles files) {
        if (process.isAlive()) {
            process.destroyForcibly();
            return new BrokerException(Code.FAILED, "start the embedded broker in " + files.dataDir()
                    + ": not ready in time; its log " + files.log() + " ends with:\n" + files.lastWords());
        }
        if (process.exitValue() == BrokerMain.EXIT_LOCKED) {
            return inUse(files);
        }
        return new BrokerException(Code.FAILED, "start the embedded broker in " + files.dataDir()
                + ": it ended with code " + process.exitValue() + "; its log " + files.log() + " ends with:\n"
                + files.lastWords());
    }

    private static boolean connects(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(HOST, port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Two ports that are free now, those of the last start if possible, so that clients that outlived the broker find it
     * again. They lie below those that systems give to outgoing connections: a client that tries such a port again and
     * again while nobody listens ends up connected to itself, and the port is taken.
     */
    private static int[] choosePorts(int[] last) throws BrokerException {
        if (last.length == 2 && !anyTaken(last)) {
            return last;
        }
        for (int attempt = 0; attempt < 100; attempt++) {
            int first = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
            int[] ports = {first, first + 1};
            if (!anyTaken(ports)) {
                return ports;
            }
        }
        throw new BrokerException(Code.FAILED, "start the embedded broker: no free port of " + HOST + " between "
                + FIRST_PORT + " and " + LAST_PORT);
    }

    private static boolean anyTaken(int[] ports) {
        return Arrays.stream(ports).anyMatch(port -> {
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByName(HOST))) {
                return !socket.isBound();
            } catch (IOException e) {
                return true;
            }
        });
    }
}
