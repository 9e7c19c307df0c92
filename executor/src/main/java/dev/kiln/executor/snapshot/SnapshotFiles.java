package dev.kiln.executor.snapshot;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import dev.kiln.executor.snapshot.SnapshotException.Code;
import dev.kiln.layercache.posix.Errno;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.PosixException;
import dev.kiln.layercache.posix.RawPath;
import dev.kiln.layercache.posix.Spreading;

/**
 * The directories of a snapshotter, and what may be where.
 *
 * <pre>
 * lock                     held while a process uses this root
 * boot                     the boot of the machine in which the snapshots were last used
 * empty/                   the layer of a stack without layers
 * snapshots/NAME/fs        a layer; never changed
 * snapshots/NAME/root      there when the layer itself says what the root directory looks like
 * snapshots/NAME/durable   there when the layer survives a power cut
 * active/ID/{fs,work,root} a step: what it writes, what overlayfs needs beside it, where its view is mounted
 * staging/ID/fs            a layer being unpacked
 * trash/ID                 being deleted
 * </pre>
 *
 * <p>A directory of {@code active} or {@code staging} becomes a snapshot by one rename, so what has a name is whole. After a
 * power cut that is not enough: a rename may be on the disk before the files are. So what is not marked durable is
 * forgotten when the machine has booted since.
 */
final class SnapshotFiles implements AutoCloseable {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,200}");
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final int DELETE_TRIES = 20;
    private static final long DELETE_PAUSE_MILLIS = 10;

    private final Path root;
    private final FileChannel lockChannel;
    private final FileLock lock;

    private SnapshotFiles(Path root, FileChannel lockChannel, FileLock lock) {
        this.root = root;
        this.lockChannel = lockChannel;
        this.lock = lock;
    }

    /** Makes the root when missing, and takes its lock. */
    static SnapshotFiles open(Path directory) throws IOException {
        Files.createDirectories(directory);
        Path root = directory.toRealPath();
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
        FileChannel channel = FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = tryLock(channel);
        if (lock == null) {
            channel.close();
            throw new SnapshotException(Code.IN_USE, "opening the snapshots in " + root
                    + ": another process uses them; give each executor a data directory of its own");
        }
        return new SnapshotFiles(root, channel, lock);
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException _) {
            return null;
        }
    }

    /** Deletes what no start may find: unfinished work always, snapshots that a power cut may have damaged. */
    void clean() throws IOException {
        for (String unfinished : new String[]{"active", "staging", "trash"}) {
            deleteTree(root.resolve(unfinished));
            Files.createDirectory(root.resolve(unfinished));
            boolean _ = Spreading.of(RawPath.of(root.resolve(unfinished)));
        }
        Files.createDirectories(root.resolve("snapshots"));
        forgetUnsyncedOfAnEarlierBoot();
        deleteTree(empty());
        Files.createDirectory(empty());
        RootAttributes.DEFAULT.applyTo(empty());
    }

    private void forgetUnsyncedOfAnEarlierBoot() throws IOException {
        Path boot = root.resolve("boot");
        String now = Files.readString(BOOT_ID).strip();
        if (Files.exists(boot) && Files.readString(boot).strip().equals(now)) {
            return;
        }
        try (DirectoryStream<Path> snapshots = Files.newDirectoryStream(root.resolve("snapshots"))) {
            for (Path snapshot : snapshots) {
                if (!Files.exists(snapshot.resolve("durable"))) {
                    deleteTree(snapshot);
                }
            }
        }
        Path next = root.resolve("boot.next");
        Files.writeString(next, now);
        Posix.sync(RawPath.of(next));
        Files.move(next, boot, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Posix.sync(RawPath.of(root));
    }

    Path root() {
        return root;
    }

    Path empty() {
        return root.resolve("empty");
    }

    Path snapshot(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("not a name of a snapshot: " + name);
        }
        return root.resolve("snapshots").resolve(name);
    }

    /** The layer of that name. */
    Path layer(String name) throws SnapshotException {
        Path layer = snapshot(name).resolve("fs");
        if (!Files.isDirectory(layer)) {
            throw new SnapshotException(Code.NOT_FOUND, "looking for the snapshot " + name + ": it is not in " + root);
        }
        return layer;
    }

    boolean exists(String name) {
        return Files.isDirectory(snapshot(name).resolve("fs"));
    }

    boolean isMarked(String name, Mark mark) {
        return Files.exists(snapshot(name).resolve(mark.file()));
    }

    /** Marks a snapshot, or what is going to be one. */
    static void mark(Path directory, Mark mark) throws IOException {
        try {
            Files.createFile(directory.resolve(mark.file()));
        } catch (FileAlreadyExistsException _) {
            // someone else said the same
        }
    }

    /** Call when the layer itself is on the disk. Marks it on the disk too, and writes out that it has its name. */
    void markDurable(String name) throws IOException {
        Path snapshot = snapshot(name);
        mark(snapshot, Mark.DURABLE);
        Posix.sync(RawPath.of(snapshot));
        Posix.sync(RawPath.of(snapshot.resolveSibling(".")));
    }

    /** Makes {@code active/ID} with the directories given. */
    Path newActive(String id, String... directories) throws IOException {
        return make(root.resolve("active").resolve(id), directories);
    }

    /** Makes {@code staging/ID/fs}. */
    Path newStaging(String id) throws IOException {
        return make(root.resolve("staging").resolve(id), "fs");
    }

    private static Path make(Path made, String... directories) throws IOException {
        Files.createDirectory(made);
        for (String directory : directories) {
            Files.createDirectory(made.resolve(directory));
        }
        return made;
    }

    /** Gives a finished directory, with the layer in {@code fs}, its name. */
    void name(Path finished, String name) throws IOException {
        Posix.renameNoReplace(RawPath.of(finished), RawPath.of(snapshot(name)));
    }

    /**
     * After this there is no snapshot of that name.
     *
     * @return what is left of it, to be deleted; the next start does when this process does not. Empty when there was none
     */
    Optional<Path> discard(String name, String id) throws IOException {
        Path trash = root.resolve("trash").resolve(id);
        try {
            Posix.rename(RawPath.of(snapshot(name)), RawPath.of(trash));
            return Optional.of(trash);
        } catch (PosixException e) {
            if (e.isMissing()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** The names of all snapshots. */
    List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(root.resolve("snapshots"))) {
            return all.map(path -> path.getFileName().toString()).filter(NAME.asMatchPredicate()).toList();
        }
    }

    /** Deletes the tree also while processes that were killed a moment ago may still write to it. */
    static void deleteTree(Path tree) throws IOException {
        for (int tries = 1;; tries++) {
            try {
                Posix.deleteTree(RawPath.of(tree));
                return;
            } catch (PosixException e) {
                if (e.errno() != Errno.ENOTEMPTY || tries == DELETE_TRIES) {
                    throw e;
                }
            }
            try {
                Thread.sleep(DELETE_PAUSE_MILLIS);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() throws IOException {
        lock.release();
        lockChannel.close();
    }

    /** A fact about a snapshot, kept as an empty file beside the layer. */
    enum Mark {
        ROOT, DURABLE;

        String file() {
            return switch (this) {
                case ROOT -> "root";
                case DURABLE -> "durable";
            };
        }
    }
}
