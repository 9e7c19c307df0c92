package dev.kiln.layercache.durable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** The steps of the commit protocol. */
public final class DurableFiles {
    private static final FileAttribute<?> READ_ONLY = PosixFilePermissions
        .asFileAttribute(PosixFilePermissions.fromString("r--r--r--"));

    private DurableFiles() {}

    /** Puts {@code content} at {@code target}, over what is there; after the return it survives a crash. */
    public static void write(TempFolder temp, Path target, byte[] content) throws IOException {
        Path file = temp.newPath();
        try {
            try (FileChannel channel = create(file)) {
                ByteBuffer bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(false);
            }
            publish(file, target);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** Makes a new file that is read-only for all but the returned channel. */
    public static FileChannel create(Path file) throws IOException {
        return FileChannel.open(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                READ_ONLY);
    }

    /** Renames a file whose content is synced already; makes the directory of {@code target} when it is not there. */
    public static void publish(Path file, Path target) throws IOException {
        Path directory = parent(target);
        try {
            Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            createDirectories(directory);
            Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
        }
        syncDirectory(directory);
    }

    /** Makes the names in a directory durable. */
    public static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Makes a directory and those above it, each durable in its parent; being there already is success. */
    public static void createDirectories(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        Path parent = parent(directory);
        createDirectories(parent);
        try {
            Files.createDirectory(directory);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory)) {
                throw e;
            }
        }
        syncDirectory(parent);
    }

    private static Path parent(Path path) {
        Path parent = path.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IllegalArgumentException("the root directory is no place for a file: " + path);
        }
        return parent;
    }
}
