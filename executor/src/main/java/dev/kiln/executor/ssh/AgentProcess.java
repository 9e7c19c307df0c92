package dev.kiln.executor.ssh;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A real {@code ssh-agent}.
 *
 * <p>It cannot outlive this executor, however that ends. An agent that was started with a command ends with the command,
 * within ten seconds; the command is a shell that reads from this process until the pipe breaks, and then kills the agent
 * at once. What it is called by is a path relative to its directory, for the path of a socket is at most 107 bytes long.
 */
final class AgentProcess implements AutoCloseable {
    private static final String SOCKET = "agent";
    private static final String UNTIL_THE_PIPE_BREAKS = "echo \"$SSH_AGENT_PID\"; read -r _; kill -9 \"$SSH_AGENT_PID\"";
    private static final long SECONDS = 20;

    private final Process command;
    private final ProcessHandle agent;
    private final Path directory;

    private AgentProcess(Process command, ProcessHandle agent, Path directory) {
        this.command = command;
        this.agent = agent;
        this.directory = directory;
    }

    /** @param directory empty; nobody else reaches it */
    static AgentProcess start(Path program, Path directory) throws IOException, InterruptedException {
        Process command = clean(new ProcessBuilder(program.toString(), "-a", SOCKET, "/bin/sh", "-c",
                UNTIL_THE_PIPE_BREAKS), directory)
            .start();
        try {
            String pid = firstLine(command);
            Optional<ProcessHandle> agent = pid.matches("[0-9]{1,10}")
                    ? ProcessHandle.of(Long.parseLong(pid))
                    : Optional.empty();
            return new AgentProcess(command,
                    agent.orElseThrow(() -> new IOException("starting " + program + ": it said \"" + pid + "\"")),
                    directory);
        } catch (IOException | InterruptedException | RuntimeException e) {
            end(command);
            throw e;
        }
    }

    private static ProcessBuilder clean(ProcessBuilder builder, Path directory) {
        builder.directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        builder.environment().put("LC_ALL", "C");
        return builder;
    }

    /** What it says is short: this needs no thread that reads on. */
    private static String firstLine(Process process) throws IOException, InterruptedException {
        CompletableFuture<String> line = new CompletableFuture<>();
        Thread.ofVirtual().name("ssh-agent").start(() -> {
            try {
                line.complete(Optional.ofNullable(process.inputReader(StandardCharsets.UTF_8).readLine()).orElse(""));
            } catch (IOException e) {
                line.completeExceptionally(e);
            }
        });
        return await(line, "waiting for ssh-agent");
    }

    private static <T> T await(CompletableFuture<T> answer, String doing) throws IOException, InterruptedException {
        try {
            return answer.get(SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(doing + ": " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new IOException(doing + ": no answer in " + SECONDS + " seconds", e);
        }
    }

    String socketName() {
        return SOCKET;
    }

    /** Gives the agent a key; it comes to no file and no command line. */
    void add(Path program, byte[] key) throws IOException, InterruptedException {
        ProcessBuilder builder = clean(new ProcessBuilder(program.toString(), "-"), directory);
        builder.environment().put("SSH_AUTH_SOCK", SOCKET);
        Process process = builder.start();
        try {
            CompletableFuture<String> said = CompletableFuture.supplyAsync(() -> said(process),
                    task -> Thread.ofVirtual().name("ssh-add").start(task));
            try (OutputStream in = process.getOutputStream()) {
                in.write(key);
            } catch (IOException _) {
                // it ended without reading; its exit code says why
            }
            String text = await(said, "adding a key to ssh-agent");
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new SshException("ssh-add does not take it: " + text
                        + "; it must be the file of a private key, without passphrase");
            }
        } finally {
            process.destroyForcibly();
        }
    }

    private static String said(Process process) {
        try {
            byte[] text = process.getInputStream().readNBytes(4096);
            return new String(text, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        agent.destroyForcibly();
        end(command);
    }

    private static void end(Process command) {
        command.destroyForcibly();
        command.onExit().orTimeout(SECONDS, TimeUnit.SECONDS).join();
    }
}
