package dev.kiln.executor.remote;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.kiln.executor.remote.FetchException.Code;
import dev.kiln.executor.remote.GitCommand.Setting;

/**
 * Runs git in an environment that holds nothing of this process's own and nothing of a user's or this system's
 * configuration, as the leader of a session, which ends with all that it started when time, size or patience are exceeded.
 */
final class GitProgram {
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final int MAX_ERRORS = 64 << 10;
    private static final int MAX_SHOWN = 2_000;
    private static final long TICK_MILLIS = 200;
    /** The words are fixed: what differs is in "$@", which no shell looks into. */
    private static final List<String> LAUNCH = List.of("/bin/sh", "-c", "umask 022; exec setsid git \"$@\"", "git");

    private static final List<Setting> ALWAYS = settings("protocol.allow", "never", "protocol.http.allow", "always",
            "protocol.https.allow", "always", "protocol.ssh.allow", "always", "protocol.git.allow", "always",
            "core.hooksPath", "/dev/null", "core.fsmonitor", "false", "core.attributesFile", "/dev/null",
            "credential.helper", "", "gc.auto", "0", "maintenance.auto", "false", "fetch.unpackLimit", "1",
            "fetch.writeCommitGraph", "false", "advice.detachedHead", "false", "init.defaultBranch", "master",
            "submodule.recurse", "false", "http.lowSpeedLimit", "1", "http.lowSpeedTime", "120", "safe.bareRepository",
            "all");

    private final RemotePolicy.Limits limits;
    private final String path;

    /** Takes git's errors and progress as they come. */
    interface Log {
        Log NONE = (bytes, length) -> {};

        void write(byte[] bytes, int length) throws IOException;
    }

    /** Takes what git answers. */
    interface Answer<T> {
        T read(InputStream output) throws IOException;
    }

    /** @param errors what it said besides, cut after 64 KiB */
    record Ended<T>(int exitCode, T answer, String errors) {}

    GitProgram(RemotePolicy.Limits limits) {
        this.limits = limits;
        String own = Optional.ofNullable(System.getenv("PATH")).orElse("");
        this.path = own.isEmpty() ? PATH : own + ":" + PATH;
    }

    static List<Setting> settings(String... keysAndValues) {
        List<Setting> settings = new ArrayList<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            settings.add(new Setting(keysAndValues[i], keysAndValues[i + 1]));
        }
        return settings;
    }

    /** @throws FetchException {@code NO_TOOL} saying what to install */
    void require(String program, String debianPackage) throws FetchException {
        boolean there = Stream.of(path.split(":"))
            .filter(directory -> directory.startsWith("/"))
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
        if (!there) {
            throw new FetchException(Code.NO_TOOL, "this executor has no " + program
                    + ", which fetching from git needs; install it: apt-get install " + debianPackage);
        }
    }

    /** The text that git answers, at most {@code maxBytes}. */
    String run(GitCommand command, int maxBytes, Deadline deadline, Log log) throws IOException, InterruptedException {
        Ended<String> ended = tryRun(command, output -> text(command, output, maxBytes), deadline, log);
        if (ended.exitCode != 0) {
            throw failed(command, ended.errors);
        }
        return ended.answer;
    }

    private static String text(GitCommand command, InputStream output, int maxBytes) throws IOException {
        byte[] bytes = output.readNBytes(maxBytes + 1);
        if (bytes.length > maxBytes) {
            throw new FetchException(Code.TOO_LARGE,
                    command.what() + ": the answer has more than " + maxBytes + " bytes");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static FetchException failed(GitCommand command, String errors) {
        String said = errors.strip();
        String shown = said.length() > MAX_SHOWN ? "…" + said.substring(said.length() - MAX_SHOWN) : said;
        Code code = shown.contains("not found") || shown.contains("does not exist") ? Code.NOT_FOUND : Code.UNAVAILABLE;
        return new FetchException(code, command.what() + ": git stderr:\n" + shown);
    }

    /** Runs git to its end, whatever its exit code. */
    <T> Ended<T> tryRun(GitCommand command, Answer<T> answer, Deadline deadline, Log log)
            throws IOException, InterruptedException {
        require("git", "git");
        require("setsid", "util-linux");
        List<String> line = new ArrayList<>(LAUNCH);
        line.addAll(command.arguments());
        ProcessBuilder builder = new ProcessBuilder(line).directory(command.directory().toFile())
            .redirectInput(Path.of("/dev/null").toFile());
        builder.environment().clear();
        builder.environment().putAll(environment(command));
        Process process = builder.start();
        FutureTask<T> answered = new FutureTask<>(() -> {
            try (InputStream output = process.getInputStream()) {
                T read = answer.read(output);
                output.transferTo(OutputStream.nullOutputStream());
                return read;
            }
        });
        FutureTask<String> errors = new FutureTask<>(() -> errors(process, log));
        Thread.startVirtualThread(answered);
        Thread.startVirtualThread(errors);
        try {
            await(process, command, deadline, answered);
            return new Ended<>(process.exitValue(), result(answered), result(errors));
        } finally {
            // The group exists only once setsid has run; before that there is nobody but the process itself.
            Signals.killGroup(process.pid());
            process.destroyForcibly();
        }
    }

    private void await(Process process, GitCommand command, Deadline deadline, FutureTask<?> answered)
            throws IOException, InterruptedException {
        while (!process.waitFor(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
            if (deadline.isPassed()) {
                throw deadline.exceeded(command.what());
            }
            if (command.watched().isPresent() && TreeSize.exceeds(command.watched().get(), limits.bytes())) {
                throw new FetchException(Code.TOO_LARGE, command.what() + ": more than " + limits.bytes()
                        + " bytes, which is this executor's limit");
            }
            if (answered.state() == FutureTask.State.FAILED) {
                return;
            }
        }
    }

    private static <T> T result(FutureTask<T> task) throws IOException, InterruptedException {
        try {
            return task.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case InterruptedIOException interrupted -> throw interrupted;
                case IOException io -> throw io;
                case RuntimeException bug -> throw bug;
                case null, default -> throw new IllegalStateException("reading what git says failed", e);
            }
        }
    }

    private static String errors(Process process, Log log) throws IOException {
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        try (InputStream in = process.getErrorStream()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                log.write(buffer, n);
                kept.write(buffer, 0, Math.min(n, MAX_ERRORS - kept.size()));
            }
        }
        return kept.toString(StandardCharsets.UTF_8);
    }

    private Map<String, String> environment(GitCommand command) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("PATH", path);
        environment.put("LC_ALL", "C");
        environment.put("HOME", "/dev/null");
        environment.put("XDG_CONFIG_HOME", "/dev/null");
        environment.put("GIT_CONFIG_NOSYSTEM", "1");
        environment.put("GIT_CONFIG_GLOBAL", "/dev/null");
        environment.put("GIT_ATTR_NOSYSTEM", "1");
        environment.put("GIT_TERMINAL_PROMPT", "0");
        environment.put("GIT_ASKPASS", "/bin/false");
        environment.put("SSH_ASKPASS", "/bin/false");
        environment.put("GIT_NO_LAZY_FETCH", "1");
        environment.put("GIT_LFS_SKIP_SMUDGE", "1");
        environment.put("GIT_ALLOW_PROTOCOL", "http:https:ssh:git");
        environment.putAll(command.environment());
        List<Setting> all = new ArrayList<>(ALWAYS);
        all.addAll(command.settings());
        environment.put("GIT_CONFIG_COUNT", String.valueOf(all.size()));
        for (int i = 0; i < all.size(); i++) {
            environment.put("GIT_CONFIG_KEY_" + i, all.get(i).key());
            environment.put("GIT_CONFIG_VALUE_" + i, all.get(i).value());
        }
        return environment;
    }
}
