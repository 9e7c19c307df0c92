package dev.kiln.cli.startup;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;
import dev.kiln.queue.broker.EmbeddedBroker;

/**
 * Starts the whole farm of one machine once, and keeps what its two JVMs loaded and linked: the server's in
 * {@code server.aot}, the broker's in {@code broker.aot}. Starts that are given these files, with the same jars and flags,
 * take about half the time; no other start is changed.
 *
 * <p>The process that runs this must have the flags of the servers to come, and their class path.
 */
public final class ServerRehearsal {
    /** Of the server's JVM, in the folder that is the argument of {@link #main}. */
    public static final String SERVER = "server.aot";
    /** Of the broker's JVM. */
    public static final String BROKER = "broker.aot";

    private static final long PATIENCE_SECONDS = 180;

    private final Path folder;
    private final List<String> java = new ArrayList<>();
    private final List<String> path = List.of("-cp", System.getProperty("java.class.path"));

    private ServerRehearsal(Path folder) {
        this.folder = folder;
        java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        java.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    }

    /** @param args the folder to put both files into */
    public static void main(String[] args) throws IOException, InterruptedException {
        Path data = Files.createTempDirectory("kiln-rehearsal-");
        try {
            new ServerRehearsal(Path.of(args[0])).run(data);
        } finally {
            Posix.deleteTree(RawPath.of(data));
        }
    }

    private void run(Path data) throws IOException, InterruptedException {
        Path server = folder.resolve(SERVER + ".new");
        Path broker = folder.resolve(BROKER + ".new");
        Path seen = data.resolve("broker.seen");
        farm(data, List.of("-XX:AOTCacheOutput=" + server, "-D" + EmbeddedBroker.JVM_OPTIONS + "=-XX:AOTMode=record"
                + " -XX:AOTConfiguration=" + seen));
        List<String> create = new ArrayList<>(List.of(java.getFirst()));
        create.addAll(EmbeddedBroker.FLAGS);
        create.addAll(List.of("-XX:AOTMode=create", "-XX:AOTConfiguration=" + seen, "-XX:AOTCache=" + broker, "-cp",
                EmbeddedBroker.classPath()));
        Process process = start(create);
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        await(process);
        if (process.exitValue() != 0) {
            throw new IOException("the broker's archive could not be made:\n" + said);
        }
        move(server, SERVER);
        move(broker, BROKER);
    }

    private void farm(Path data, List<String> flags) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(java);
        command.addAll(flags);
        command.addAll(path);
        command.addAll(List.of("dev.kiln.cli.Main", "up", "--data", data.toString(), "--http", "127.0.0.1:0"));
        Process process = start(command);
        try (BufferedReader output = process.inputReader()) {
            StringBuilder said = new StringBuilder();
            String line = output.readLine();
            while (line != null && !line.startsWith("kiln: ready")) {
                said.append(line).append('\n');
                line = output.readLine();
            }
            if (line == null) {
                throw new IOException("the rehearsed farm did not start:\n" + said);
            }
            // Not by the process itself, which would close its output at once.
            process.toHandle().destroy();
            while (output.readLine() != null) {
                // What it says while it stops is nobody's concern, but must not fill the pipe.
            }
            await(process);
        } finally {
            process.destroyForcibly();
        }
    }

    private static Process start(List<String> command) throws IOException {
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static void await(Process process) throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("a rehearsed process did not end within " + PATIENCE_SECONDS + " seconds");
        }
    }

    private void move(Path made, String name) throws IOException {
        if (!Files.exists(made)) {
            throw new IOException("the rehearsal left no " + made);
        }
        Files.move(made, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
