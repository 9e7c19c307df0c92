package dev.kiln.cli.output;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** Gives an archive to {@code docker load}, whose messages go to standard error. */
final class DockerLoad {
    private static final String PROGRAM = "docker";

    private DockerLoad() {}

    static boolean isPossible() {
        return Arrays.stream(Optional.ofNullable(System.getenv("PATH")).orElse("").split(":"))
            .filter(folder -> !folder.isEmpty())
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, PROGRAM)));
    }

    static void load(ArchiveWriter archive) throws IOException, InterruptedException {
        Process docker = new ProcessBuilder(PROGRAM, "load").redirectErrorStream(true).start();
        Optional<IOException> failure = Optional.empty();
        try {
            Thread messages = Thread.ofVirtual().start(() -> passOn(docker));
            try (OutputStream in = docker.getOutputStream()) {
                archive.write(in);
            } catch (IOException e) {
                failure = Optional.of(e);
            }
            int code = docker.waitFor();
            messages.join();
            if (code != 0) {
                throw new IOException("docker load ended with exit code " + code
                        + failure.map(e -> ": " + e.getMessage()).orElse(""));
            }
            if (failure.isPresent()) {
                throw failure.get();
            }
        } finally {
            docker.destroy();
        }
    }

    private static void passOn(Process docker) {
        try (var out = docker.inputReader(StandardCharsets.UTF_8)) {
            out.lines().forEach(System.err::println);
        } catch (IOException | java.io.UncheckedIOException e) {
            System.err.println("kiln: reading what docker says failed: " + e.getMessage());
        }
    }

    /** Writes an archive to where it is wanted. */
    @FunctionalInterface
    interface ArchiveWriter {
        void write(OutputStream to) throws IOException, InterruptedException;
    }
}
