package dev.kiln.executor.cachemount;

import java.io.IOException;
import java.io.InputStream;
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
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import dev.kiln.executor.graph.StepMount.Permissions;
import dev.kiln.executor.mount.LinuxMounter;
import dev.kiln.executor.mount.Mounter;
import dev.kiln.layercache.durable.DurableFiles;
import dev.kiln.layercache.durable.TempFolder;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.PosixException;
import dev.kiln.layercache.posix.RawPath;

/**
 * What lies where in the directory of cache mounts:
 *
 * <pre>
 * lock                    held by the one process that uses the directory
 * kept/NAME/fs            a cache
 * kept/NAME/about.json    its id and origin; the time of the file is when the cache was last used
 * kept/NAME/note          what a reader wants to know the next time
 * new/NAME                one that is being filled, or what a step writes that may yet fail
 * merging/NAME/upper      what a step wrote that ended well, on its way into kept/NAME/fs
 * trash/NAME              being deleted
 * shown/NAME              where a part of a lent cache is mounted, or an overlay over one
 * temp                    unfinished state files
 * </pre>
 *
 * <p>A cache gets its name by one rename, so what has a name is whole. What steps wrote into one when the machine or this
 * process died stays as it is: those who keep things in such directories are prepared for that.
 */
final class CacheFiles implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CacheFiles.class);
    private static final JsonMapper JSON = new JsonMapper();
    static final String ABOUT = "about.json";
    private static final String NOTE = "note";
    private static final int MAX_NOTE = 64 * 1024;
    private static final CacheMerge MERGE = new CacheMerge(() -> {});

    private final Path root;
    private final FileChannel lockChannel;
    private final FileLock lock;
    private final TempFolder temp;
    /** Guarded by this, as the next. */
    private boolean isolated;
    private @Nullable Mounter mounter;

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
        Files.createDirectories(root.resolve("merging"));
        try (DirectoryStream<Path> merging = Files.newDirectoryStream(root.resolve("merging"))) {
            for (Path directory : merging) {
                finishMerge(root, directory.getFileName().toString());
            }
        }
    }

    /** Goes on with what a kill interrupted. A cache of which only a part can be had is none. */
    private static void finishMerge(Path root, String name) throws IOException {
        Path merging = root.resolve("merging").resolve(name);
        Path kept = root.resolve("kept").resolve(name);
        RawPath upper = RawPath.of(merging.resolve("upper"));
        try {
            if (Posix.lstatIfExists(upper).isPresent() && Files.exists(kept)) {
                MERGE.apply(upper, RawPath.of(kept.resolve("fs")));
            }
        } catch (PosixException e) {
            LOG.warn("cache_mount={} action=remove reason=\"merging what a step wrote failed\"", name, e);
            Posix.deleteTree(RawPath.of(kept));
        }
        Posix.deleteTree(RawPath.of(merging));
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

    static About about(Path file) throws IOException {
        JsonNode json = JSON.readTree(Files.readAllBytes(file));
        return new About(json.required("id").stringValue(), json.required("origin").stringValue(),
                Files.getLastModifiedTime(file).toInstant());
    }

    /** Makes a cache, which has its name when this returns. */
    void make(String name, Wanted wanted) throws IOException, InterruptedException {
        Path directory = Files.createDirectory(root.resolve("new").resolve(name));
        try {
            RawPath fs = RawPath.of(Files.createDirectory(directory.resolve("fs")));
            Permissions look = wanted.beginning().fill(directory.resolve("fs")).orElse(wanted.root());
            Posix.chown(fs, new Owner(look.uid(), look.gid()));
            Posix.chmod(fs, look.mode());
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

    /** The cache as something to be written on, until {@link #merge} or {@link #discard}. */
    ScratchView view(String name, String id) throws IOException {
        Path place = newPlace(id);
        return ScratchView.open(name, files(name), root.resolve("new").resolve(id), place, mounter());
    }

    /** What was written becomes part of the cache, all of it, also when this process is killed meanwhile. */
    void merge(ScratchView view) throws IOException {
        view.unmount();
        Posix.deleteTree(RawPath.of(view.directory().resolve("work")));
        RawPath merging = RawPath.of(root.resolve("merging").resolve(view.name()));
        Posix.rename(RawPath.of(view.directory()), merging);
        Posix.sync(RawPath.of(root.resolve("merging")));
        MERGE.apply(merging.resolve("upper"), RawPath.of(files(view.name())));
        Posix.deleteTree(merging);
    }

    void discard(ScratchView view) throws IOException {
        view.unmount();
        Posix.deleteTree(RawPath.of(view.directory()));
    }

    private synchronized Mounter mounter() throws IOException {
        if (mounter == null) {
            mounter = LinuxMounter.probe(root.resolve("new"));
        }
        return mounter;
    }

    Optional<byte[]> note(String name) throws IOException {
        try (InputStream in = Files.newInputStream(root.resolve("kept").resolve(name).resolve(NOTE))) {
            byte[] note = in.readNBytes(MAX_NOTE + 1);
            return note.length > MAX_NOTE ? Optional.empty() : Optional.of(note);
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    void keepNote(String name, byte[] note) throws IOException {
        DurableFiles.write(temp, root.resolve("kept").resolve(name).resolve(NOTE), note);
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
