package dev.kiln.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.kiln.cli.startup.ServerRehearsal;
import dev.kiln.queue.broker.EmbeddedBroker;

/**
 * How tests start the program: from the jars of the module, with a cache of classes as the launcher makes one. The tests start
 * it more than a hundred times.
 */
final class Launch {
    private static final class Client {
        static final List<String> COMMAND = command(false);
    }

    private static final class Server {
        static final List<String> COMMAND = command(true);
    }

    private Launch() {}

    /** How to start a command of Kiln: all but the class and its arguments. */
    static List<String> of(String command) {
        return List.of("up", "worker", "api", "demo").contains(command) ? Server.COMMAND : Client.COMMAND;
    }

    private static List<String> command(boolean server) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        Path jars = Path.of("target/app/lib").toAbsolutePath();
        if (!Files.isDirectory(jars)) {
            command.addAll(List.of("-cp", System.getProperty("java.class.path")));
            return command;
        }
        List<String> path = List.of("-cp", jars + "/*");
        try {
            command.add("-Xlog:disable");
            command.addAll(server ? serverCaches(command, path, jars) : clientCache(command, path, jars));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        command.addAll(path);
        return command;
    }

    private static long modified(Path file) throws IOException {
        return Files.getLastModifiedTime(file).toMillis();
    }

    private static long newest(Path jars) throws IOException {
        long newest = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(jars)) {
            for (Path jar : all) {
                newest = Math.max(newest, modified(jar));
            }
        }
        return newest;
    }

    private static List<String> clientCache(List<String> java, List<String> path, Path jars)
            throws IOException, InterruptedException {
        Path folder = jars.resolveSibling("tests");
        Path cache = folder.resolve("client.aot");
        once(cache, jars, () -> {
            Path made = folder.resolve("client.aot.new");
            List<String> rehearsal = new ArrayList<>(java);
            rehearsal.add("-XX:AOTCacheOutput=" + made);
            rehearsal.addAll(path);
            rehearsal.add("dev.kiln.cli.startup.Rehearsal");
            run(rehearsal);
            Files.move(made, cache, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        });
        return List.of("-XX:AOTCache=" + cache);
    }

    private static List<String> serverCaches(List<String> java, List<String> path, Path jars)
            throws IOException, InterruptedException {
        Path folder = jars.resolveSibling("tests");
        Path broker = folder.resolve(ServerRehearsal.BROKER);
        once(broker, jars, () -> {
            List<String> rehearsal = new ArrayList<>(java);
            rehearsal.addAll(path);
            rehearsal.addAll(List.of(ServerRehearsal.class.getName(), folder.toString()));
            run(rehearsal);
        });
        return List.of("-XX:AOTCache=" + folder.resolve(ServerRehearsal.SERVER),
                "-D" + EmbeddedBroker.JVM_OPTIONS + "=-XX:AOTCache=" + broker);
    }

    private interface Making {
        void run() throws IOException, InterruptedException;
    }

    /** Made once for all forks of a run, from the jars as they are now. */
    private static void once(Path cache, Path jars, Making making) throws IOException, InterruptedException {
        Files.createDirectories(cache.getParent());
        try (FileChannel channel = FileChannel.open(cache.resolveSibling(cache.getFileName() + ".lock"),
                StandardOpenOption.CREATE, StandardOpenOption.WRITE); FileLock _ = channel.lock()) {
            if (!Files.exists(cache) || modified(cache) < newest(jars)) {
                making.run();
            }
        }
    }

    private static void run(List<String> rehearsal) throws IOException, InterruptedException {
        Path log = Files.createTempFile("rehearsal-", ".log");
        Process process = new ProcessBuilder(rehearsal).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        if (!process.waitFor(300, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException("the rehearsal failed: " + Files.readString(log));
        }
        Files.delete(log);
    }
}
