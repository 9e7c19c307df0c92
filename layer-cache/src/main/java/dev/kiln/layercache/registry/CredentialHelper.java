package dev.kiln.layercache.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Asks the programs that keep credentials for Docker: {@code docker-credential-NAME get}, with the server's address on its
 * standard input and JSON on its standard output. They are found in the folders of the path, as Docker finds them; a name
 * that could mean a place elsewhere is refused.
 *
 * @param timeout for one answer
 * @param path folders with a colon between them; those that are relative to where somebody stands do not count
 */
record CredentialHelper(Duration timeout, String path) {
    static final CredentialHelper STANDARD = new CredentialHelper(Duration.ofSeconds(30),
            Optional.ofNullable(System.getenv("PATH")).orElse("/usr/local/bin:/usr/bin:/bin"));

    private static final int MAX_ANSWER = 64 << 10;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");
    /** The words of Docker's helper library for an address that it holds nothing for. */
    private static final String NOTHING = "credentials not found in native keychain";

    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    /** @param server as the helper knows it */
    Optional<Credentials> get(String name, String server) throws IOException {
        if (!isName(name)) {
            throw new IOException("the credential helper has no name of letters, digits, and . _ - between them");
        }
        String program = "docker-credential-" + name;
        Process process = new ProcessBuilder(List.of(find(program).toString(), "get"))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
        try {
            return ask(process, program, server);
        } finally {
            process.destroyForcibly();
        }
    }

    private Path find(String program) throws IOException {
        return Arrays.stream(path.split(":"))
            .filter(folder -> folder.startsWith("/"))
            .map(folder -> Path.of(folder, program))
            .filter(Files::isExecutable)
            .findFirst()
            .orElseThrow(() -> new IOException("the credential helper " + program
                    + " is not installed in a folder of the PATH of this process"));
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
                // A child of it may hold the pipe open, and is not known as such once its parent ended.
                List<ProcessHandle> children = process.descendants().toList();
                process.destroyForcibly();
                children.forEach(ProcessHandle::destroyForcibly);
            }
        } catch (InterruptedException e) {
            // It answered.
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
