package dev.kiln.layercache.layer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/** Runs the system's own tools, to compare with. */
final class Commands {
    private Commands() {}

    /** Runs a command with these bytes as its input, and returns its output; it must exit with 0 within a minute. */
    static byte[] run(Path directory, byte[] input, String... command) throws Exception {
        Process process = new ProcessBuilder(command).directory(directory.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
        CompletableFuture<Void> feeding = CompletableFuture.runAsync(() -> {
            try (var in = process.getOutputStream()) {
                in.write(input);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        byte[] output = process.getInputStream().readAllBytes();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(String.join(" ", command)).isZero();
        feeding.get(1, TimeUnit.MINUTES);
        return output;
    }

    static String text(Path directory, byte[] input, String... command) throws Exception {
        return new String(run(directory, input, command), StandardCharsets.UTF_8);
    }
}
