package dev.kiln.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A {@code kiln} command as a process of its own, as the launcher starts it. */
final class Command implements AutoCloseable {
    private final Process process;
    private final Path out;
    private final Path err;

    /** How it ended. */
    record Result(int exit, String out, String err) {}

    private Command(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    static Command start(Path folder, Map<String, String> environment, String... args) throws IOException {
        List<String> command = new ArrayList<>(Launch.of(args[0]));
        command.add("dev.kiln.cli.Main");
        command.addAll(List.of(args));
        Path out = Files.createTempFile(folder, args[0], ".out");
        Path err = Files.createTempFile(folder, args[0], ".err");
        ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.environment().putAll(environment);
        return new Command(builder.start(), out, err);
    }

    Result await() throws IOException, InterruptedException {
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            throw new AssertionError("the command does not end:\n" + text(err));
        }
        return new Result(process.exitValue(), text(out), text(err));
    }

    String errSoFar() throws IOException {
        return text(err);
    }

    /** Ends the process and all that it started, as a crash of the machine would end them. */
    void kill() {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        process.destroyForcibly().onExit().join();
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(handle -> handle.onExit().join());
    }

    /** Asks it to end, and waits. */
    @Override
    public void close() {
        process.destroy();
        if (process.onExit().completeOnTimeout(process, 30, TimeUnit.SECONDS).join().isAlive()) {
            kill();
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }
}
