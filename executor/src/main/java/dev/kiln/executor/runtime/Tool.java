package dev.kiln.executor.runtime;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Runs programs of the host that answer at once, such as {@code ip}. */
final class Tool {
    private static final long TIMEOUT_SECONDS = 20;
    private static final int MAX_OUTPUT = 64 << 10;
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private Tool() {}

    /** @param output of both streams, cut after 64 KiB */
    record Outcome(int exitCode, String output) {}

    /** Where the program is; system directories count even if the executor's own PATH lacks them. */
    static Optional<Path> find(String name) {
        String own = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Stream.of((own + ":" + PATH).split(":"))
            .filter(d -> d.startsWith("/"))
            .map(d -> Path.of(d, name))
            .filter(Files::isExecutable)
            .findFirst();
    }

    /** The environment of programs of the host: nothing of the executor's own, which may hold secrets. */
    static void cleanEnvironment(ProcessBuilder builder) {
        builder.environment().clear();
        builder.environment().put("PATH", PATH);
        builder.environment().put("LC_ALL", "C");
    }

    /** @throws RuntimeFailure when the program fails, with what it said */
    static String run(String input, List<String> command) throws IOException, InterruptedException {
        Outcome outcome = tryRun(input, command);
        if (outcome.exitCode != 0) {
            throw new RuntimeFailure("running " + String.join(" ", command) + ": exit code " + outcome.exitCode + ", "
                    + outcome.output.strip());
        }
        return outcome.output;
    }

    static Outcome tryRun(String input, List<String> command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        cleanEnvironment(builder);
        Process process = builder.start();
        FutureTask<String> output = new FutureTask<>(() -> {
            String text = new String(process.getInputStream().readNBytes(MAX_OUTPUT), StandardCharsets.UTF_8);
            process.getInputStream().transferTo(OutputStream.nullOutputStream());
            return text;
        });
        Thread.startVirtualThread(output);
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException _) {
            // the program ended without reading; its exit code says whether that was right
        }
        try {
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                throw new RuntimeFailure("running " + String.join(" ", command) + ": no answer in " + TIMEOUT_SECONDS
                        + " seconds");
            }
            return new Outcome(process.exitValue(), output.get(TIMEOUT_SECONDS, TimeUnit.SECONDS));
        } catch (ExecutionException | TimeoutException e) {
            throw new RuntimeFailure("reading the output of " + String.join(" ", command), e);
        } finally {
            process.destroyForcibly();
        }
    }
}
