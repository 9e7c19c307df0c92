package dev.kiln.layercache.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Asks the programs that keep credentials for Docker: {@code docker-credential-NAME get}, with the server's address on its
 * standard input and JSON on its standard output. They are found on the path, as Docker finds them; a name that could mean
 * a place elsewhere is refused.
 *
 * @param timeout for one answer
 * @param environment beside that of this process
 */
record CredentialHelper(Duration timeout, Map<String, String> environment) {
    static final CredentialHelper STANDARD = new CredentialHelper(Duration.ofSeconds(30), Map.of());

    private static final int MAX_ANSWER = 64 << 10;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");
    /** The words of Docker's helper library for an address that it holds nothing for. */
    private static final String NOTHING = "credentials not found in native keychain";

    CredentialHelper {
        environment = Map.copyOf(environment);
    }

    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    /** @param server as the helper knows it */
    Optional<Credentials> get(String name, String server) throws IOException {
        if (!isName(name)) {
            throw new IOException("the credential helper has no name of letters, digits, and . _ - between them");
        }
        String program = "docker-credential-" + name;
        ProcessBuilder builder = new ProcessBuilder(List.of(program, "get"))
            .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().putAll(environment);
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new IOException("the credential helper " + program + " cannot be started: is it installed and on the"
                    + " PATH of this process?", e);
        }
        try {
            return ask(process, program, server);
        } finally {
            process.destroyForcibly();
        }
    }

    private Optional<Credentials> ask(Process process, String program, String server) throws IOException {
        Thread end = Thread.startVirtualThread(() -> endAfterTimeout(process));
        try (OutputStream in = process.getOutputStream()) {
            in.write(server.getBytes(StandardCharsets.UTF_8));
        } catch (IOException _) {
            // A helper may answer without reading; what it answers counts.
        }
        try (InputStream out = process.getInputStream()) {
            byte[] answer = out.readNBytes(MAX_ANSWER + 1);
            if (answer.length > MAX_ANSWER) {
                throw new IOException(program + " answered more than " + MAX_ANSWER + " bytes");
            }
            return read(answer, exit(process, program), program);
        } finally {
            end.interrupt();
        }
    }

    private void endAfterTimeout(Process process) {
        try {
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                // A child of it may hold the pipe open.
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.getInputStream().close();
            }
        } catch (InterruptedException | IOException e) {
            // It ended, or its pipe did.
            Thread.currentThread().interrupt();
        }
    }

    private int exit(Process process, String program) throws IOException {
        try {
            if (process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                return process.exitValue();
            }
            throw new IOException(program + " did not end within " + timeout.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while asking " + program).initCause(e);
        }
    }

    private static Optional<Credentials> read(byte[] answer, int exit, String program) throws IOException {
        if (exit != 0) {
            if (new String(answer, StandardCharsets.UTF_8).strip().startsWith(NOTHING)) {
                return Optional.empty();
            }
            throw new IOException(program + " failed with exit code " + exit);
        }
        try {
            return RegistryJson.helperAnswer(answer);
        } catch (IllegalArgumentException e) {
            throw new IOException(program + " answered " + e.getMessage(), e);
        }
    }
}
