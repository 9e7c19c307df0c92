package dev.kiln.layercache.durable;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The locks by which a process shows that a folder is its own, taken by one that wants nobody to have it. */
public final class FolderLock implements Closeable {
    private static final String LOCK = "lock";
    private final List<FileChannel> held;

    private FolderLock(List<FileChannel> held) {
        this.held = held;
    }

    /** Takes {@code folder/lock}, and those of all openers of temp folders below it; empty when somebody has one. */
    public static Optional<FolderLock> tryAll(List<Path> folders) throws IOException {
        List<FileChannel> held = new ArrayList<>();
        try {
            for (Path lock : locks(folders)) {
                FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
                held.add(channel);
                if (!isFree(channel)) {
                    closeAll(held);
                    return Optional.empty();
                }
            }
            return Optional.of(new FolderLock(held));
        } catch (IOException e) {
            closeAll(held);
            throw e;
        }
    }

    private static boolean isFree(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static List<Path> locks(List<Path> folders) throws IOException {
        List<Path> locks = new ArrayList<>();
        for (Path folder : folders) {
            if (Files.isRegularFile(folder.resolve(LOCK))) {
                locks.add(folder.resolve(LOCK));
            }
            if (!Files.isDirectory(folder)) {
                continue;
            }
            try (DirectoryStream<Path> openers = Files.newDirectoryStream(folder, Files::isDirectory)) {
                for (Path opener : openers) {
                    if (Files.isRegularFile(opener.resolve(LOCK))) {
                        locks.add(opener.resolve(LOCK));
                    }
                }
            }
        }
        return locks;
    }

    private static void closeAll(List<FileChannel> held) throws IOException {
        for (FileChannel channel : held) {
            channel.close();
        }
    }

    @Override
    public void close() throws IOException {
        closeAll(held);
    }
}
