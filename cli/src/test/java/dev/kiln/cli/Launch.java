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

/**
 * How tests start the program: from the jars of the module, with a cache of classes as the launcher makes one. The tests start
 * it more than a hundred times.
 */
final class Launch {
    /** All but the class and its arguments. */
    static final List<String> COMMAND = command();

    private Launch() {}

    private static List<String> command() {
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
            command.add("-XX:AOTCache=" + cache(command, path, jars));
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

    /** Made once for all forks of a run, from the jars as they are now. */
    private static Path cache(List<String> java, List<String> path, Path jars)
            throws IOException, InterruptedException {
        Path cache = jars.resolveSibling("tests.aot");
        try (FileChannel channel = FileChannel.open(jars.resolveSibling("tests.lock"), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE); FileLock _ = channel.lock()) {
            if (!Files.exists(cache) || modified(cache) < newest(jars)) {
                Path made = jars.resolveSibling("tests.aot.new");
                List<String> rehearsal = new ArrayList<>(java);
                rehearsal.add("-XX:AOTCacheOutput=" + made);
                rehearsal.addAll(path);
                rehearsal.add("dev.kiln.cli.startup.Rehearsal");
                Process process = new ProcessBuilder(rehearsal).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
                if (!process.waitFor(120, TimeUnit.SECONDS) || process.exitValue() != 0) {
                    process.destroyForcibly();
                    throw new IOException("the rehearsal of commands failed");
                }
                Files.move(made, cache, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            }
        }
        return cache;
    }
}
