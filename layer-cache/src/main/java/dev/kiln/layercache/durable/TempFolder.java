package dev.kiln.layercache.durable;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A directory of one opener's unfinished files. Several processes, or several stores of one, may have theirs under the same
 * parent; a lock tells the living from the dead.
 */
public final class TempFolder implements Closeable {
    private static final String LOCK = "lock";
    private final Path folder;
    private final FileChannel lock;
    private final AtomicLong names = new AtomicLong();

    private TempFolder(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /** Makes a fresh folder under {@code parent} and removes there what dead openers left behind. */
    public static TempFolder open(Path parent) throws IOException {
        DurableFiles.createDirectories(parent);
        // One opener at a time, in this JVM and beside it: a folder is never seen before its lock is held.
        synchronized (TempFolder.class) {
            try (FileChannel gate = openLock(parent.resolve(LOCK)); FileLock held = gate.lock()) {
                removeDead(parent, held);
                Path folder = Files.createTempDirectory(parent, "");
                FileChannel lock = openLock(folder.resolve(LOCK));
                lock.lock();
                return new TempFolder(folder, lock);
            }
        }
    }

    /** A name in this folder that nobody else gets; no file is made. */
    public Path newPath() {
        return folder.resolve(Long.toString(names.incrementAndGet()));
    }

    /** Removes the folder and what is in it. */
    @Override
    public void close() throws IOException {
        lock.close();
        removeTree(folder);
    }

    private static void removeDead(Path parent, FileLock gate) throws IOException {
        if (!gate.isValid()) {
            throw new IOException("lost the lock of " + parent);
        }
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, Files::isDirectory)) {
            for (Path folder : folders) {
                if (isDead(folder)) {
                    removeTree(folder);
                }
            }
        }
    }

    private static boolean isDead(Path folder) throws IOException {
        try (FileChannel channel = openLock(folder.resolve(LOCK)); FileLock held = channel.tryLock()) {
            return held != null;
        } catch (OverlappingFileLockException e) {
            return false;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static FileChannel openLock(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    private static void removeTree(Path folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        } catch (NoSuchFileException e) {
            return;
        }
        Files.deleteIfExists(folder);
    }
}
