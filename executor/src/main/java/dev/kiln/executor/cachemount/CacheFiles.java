package dev.kiln.executor.cachemount;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import dev.kiln.executor.mount.LinuxMounter;
import dev.kiln.layercache.durable.DurableFiles;
import dev.kiln.layercache.durable.TempFolder;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * What lies where in the directory of cache mounts:
 *
 * <pre>
 * lock                    held by the one process that uses the directory
 * kept/NAME/fs            a cache
 * kept/NAME/about.json    its id and origin; the time of the file is when the cache was last used
 * new/NAME                one that is being filled
 * trash/NAME              being deleted
 * shown/NAME              where a part of a lent cache is mounted
 * temp                    unfinished state files
 * </pre>
 *
 * <p>A cache gets its name by one rename, so what has a name is whole. What steps wrote into one when the machine or this
 * process died stays as it is: those who keep things in such directories are prepared for that.
 */
final class CacheFiles implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CacheFiles.class);
    private static final JsonMapper JSON = new JsonMapper();
    private static final String ABOUT = "about.json";

    private final Path root;
    private final FileChannel lockChannel;
    private final FileLock lock;
    private final TempFolder temp;
    private boolean isolated;

    private CacheFiles(Path root, FileChannel lockChannel, FileLock lock, TempFolder temp) {
        this.root = root;
        this.lockChannel = lockChannel;
        this.lock = lock;
        this.temp = temp;
    }

    /** What a state file says. */
    record About(String id, String origin, Instant lastUsed) {}

    /** Takes the directory, and removes what a crash left unfinished or mounted. */
    static CacheFiles open(Path directory) throws IOException {
        Files.createDirectories(directory);
        Path root = directory.toRealPath();
        // Steps put files with the set-user-id bit in: nobody of this host may reach them.
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
        FileChannel channel = FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        try {
            FileLock lock = tryLock(channel);
            if (lock == null) {
                throw new IOException("opening the cache mounts in " + root
                        + ": another process uses them; give each executor a data directory of its own");
            }
            clean(root);
            return new CacheFiles(root, channel, lock, TempFolder.open(root.resolve("temp")));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException _) {
            return null;
        }
    }

    private static void clean(Path root) throws IOException {
        LinuxMounter.unmountAll(root);
        for (String unfinished : new String[]{"new", "trash", "shown"}) {
            Posix.deleteTree(RawPath.of(root.resolve(unfinished)));
            Files.createDirectory(root.resolve(unfinished));
        }
        Files.createDirectories(root.resolve("kept"));
    }

    /** All caches by name; one whose state file makes no sense is removed. */
    Map<String, About> all() throws IOException {
        Map<String, About> all = new LinkedHashMap<>();
        try (DirectoryStream<Path> kept = Files.newDirectoryStream(root.resolve("kept"))) {
            for (Path directory : kept) {
                String name = directory.getFileName().toString();
                try {
                    all.put(name, about(directory.resolve(ABOUT)));
                } catch (NoSuchFileException | JacksonException e) {
                    LOG.warn("cache_mount={} action=remove reason=\"{}\"", name, e.getMessage());
                    remove(name);
                }
            }
        }
        return all;
    }

    private static About about(Path file) throws IOException {
        JsonNode json = JSON.readTree(Files.readAllBytes(file));
        return new About(json.required("id").stringValue(), json.required("origin").stringValue(),
                Files.getLastModifiedTime(file).toInstant());
    }

    /** Makes a cache, which has its name when this returns. */
    void make(String name, Wanted wanted) throws IOException, InterruptedException {
        Path directory = Files.createDirectory(root.resolve("new").resolve(name));
        try {
            RawPath fs = RawPath.of(Files.createDirectory(directory.resolve("fs")));
            wanted.beginning().fill(directory.resolve("fs"));
            Posix.chown(fs, new Owner(wanted.root().uid(), wanted.root().gid()));
            Posix.chmod(fs, wanted.root().mode());
            DurableFiles.write(temp, directory.resolve(ABOUT),
                    JSON.writeValueAsBytes(Map.of("id", wanted.id(), "origin", wanted.origin())));
            DurableFiles.publish(directory, root.resolve("kept").resolve(name));
        } catch (IOException | InterruptedException | RuntimeException e) {
            try {
                Posix.deleteTree(RawPath.of(directory));
            } catch (IOException deleting) {
                e.addSuppressed(deleting);
            }
            throw e;
        }
    }

    Path files(String name) {
        return root.resolve("kept").resolve(name).resolve("fs");
    }

    /** A place for a mount that nobody else has. */
    synchronized Path newPlace(String name) throws IOException {
        Path shown = root.resolve("shown");
        if (!isolated) {
            LinuxMounter.isolate(shown);
            isolated = true;
        }
        return shown.resolve(name);
    }

    void used(String name, Instant time) throws IOException {
        Files.setLastModifiedTime(root.resolve("kept").resolve(name).resolve(ABOUT), FileTime.from(time));
    }

    void remove(String name) throws IOException {
        Path trash = root.resolve("trash").resolve(name);
        Files.move(root.resolve("kept").resolve(name), trash);
        Posix.deleteTree(RawPath.of(trash));
    }

    @Override
    public void close() throws IOException {
        try (lockChannel; lock; temp) {
            LinuxMounter.unmountAll(root);
        }
    }
}
