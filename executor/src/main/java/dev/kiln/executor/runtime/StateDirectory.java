package dev.kiln.executor.runtime;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import dev.kiln.executor.mount.LinuxMounter;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * Where one executor keeps what belongs to its containers: {@code bundles/ID}, the runtime's own {@code state}, and
 * {@code net}. Nothing in it outlives the executor; a lock says whose it is.
 *
 * <p>The first two are memory, never a disk: a container's configuration has the secrets that its process gets as
 * variables, and runtimes keep copies of it.
 */
final class StateDirectory implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int NAME_LENGTH = 12;

    private final Path root;
    private final FileChannel lockChannel;
    private final FileLock lock;

    private StateDirectory(Path root, FileChannel lockChannel, FileLock lock) {
        this.root = root;
        this.lockChannel = lockChannel;
        this.lock = lock;
    }

    static StateDirectory open(Path directory) throws IOException {
        Files.createDirectories(directory);
        Path root = directory.toRealPath();
        // Containers reach the files that they are given by mounts, not by this path.
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
        FileChannel channel = FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = tryLock(channel);
        if (lock == null) {
            channel.close();
            throw new RuntimeFailure("opening " + root
                    + ": another process runs containers from it; give each executor a data directory of its own");
        }
        return new StateDirectory(root, channel, lock);
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException _) {
            return null;
        }
    }

    Path root() {
        return root;
    }

    /** A name for this directory: no other on this host has it. */
    String uniqueName() {
        return Digest.sha256(root.toString().getBytes(StandardCharsets.UTF_8)).hex().substring(0, NAME_LENGTH);
    }

    Path runtimeState() {
        return root.resolve("state");
    }

    /**
     * Removes all bundles and the runtime's state, and makes room for new ones; returns how many bundles there were. Call
     * before the first bundle.
     */
    int clean() throws IOException {
        int bundles = 0;
        Path left = root.resolve("bundles");
        if (Files.isDirectory(left)) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(left)) {
                for (Path _ : all) {
                    bundles++;
                }
            }
        }
        for (Path directory : inMemory()) {
            LinuxMounter.unmountAll(directory);
            Posix.deleteTree(RawPath.of(directory));
        }
        makeDirectories();
        return bundles;
    }

    private void makeDirectories() throws IOException {
        for (Path directory : inMemory()) {
            Files.createDirectories(directory);
            LinuxMounter.isolate(directory);
            LinuxMounter.mountMemory(directory);
        }
    }

    private List<Path> inMemory() {
        return List.of(root.resolve("bundles"), runtimeState());
    }

    /** The filter that crun compiled for a container, while the container is there. */
    Optional<byte[]> compiledFilter(String id) throws IOException {
        try {
            byte[] program = Files.readAllBytes(runtimeState().resolve(id).resolve("seccomp.bpf"));
            return program.length == 0 ? Optional.empty() : Optional.of(program);
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    Bundle newBundle(String id) throws IOException {
        return new Bundle(Files.createDirectory(root.resolve("bundles").resolve(id)), runtimeState().resolve(id));
    }

    @Override
    public void close() throws IOException {
        try (lockChannel; lock) {
            for (Path directory : inMemory()) {
                LinuxMounter.unmountAll(directory);
            }
        }
    }

    /** What a runtime is given for one container. Closing it removes also what the runtime itself noted. */
    record Bundle(Path directory, Path noted) implements AutoCloseable {

        void write(byte[] config) throws IOException {
            Files.write(directory.resolve("config.json"), config);
        }

        Path log() {
            return directory.resolve("log.json");
        }

        /** What the runtime says went wrong; empty when it says nothing. */
        Optional<String> error() throws IOException {
            List<String> errors = new ArrayList<>();
            try {
                for (String line : Files.readAllLines(log())) {
                    JsonNode entry = JSON.readTree(line);
                    if (entry.path("level").asString("").equals("error")) {
                        errors.add(entry.path("msg").asString(line));
                    }
                }
            } catch (NoSuchFileException _) {
                return Optional.empty();
            } catch (JacksonException e) {
                errors.add("its log is not JSON: " + e.getOriginalMessage());
            }
            return errors.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", errors));
        }

        @Override
        public void close() throws IOException {
            Posix.deleteTree(RawPath.of(noted));
            Posix.deleteTree(RawPath.of(directory));
        }
    }
}
