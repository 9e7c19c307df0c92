package dev.kiln.executor.op;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;

/** A directory for tests, written and read as lines. */
record Tree(Path root) {

    Tree {
        try {
            Files.createDirectories(root);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Tree file(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        return this;
    }

    Tree directory(String path) throws IOException {
        Files.createDirectories(root.resolve(path));
        return this;
    }

    Tree link(String path, String target) throws IOException {
        Files.createDirectories(root.resolve(path).getParent());
        Files.createSymbolicLink(root.resolve(path), Path.of(target));
        return this;
    }

    Tree mode(String path, String permissions) throws IOException {
        Files.setPosixFilePermissions(root.resolve(path), PosixFilePermissions.fromString(permissions));
        return this;
    }

    Tree modified(String path, Instant time) throws IOException {
        Files.setLastModifiedTime(root.resolve(path), FileTime.from(time));
        return this;
    }

    /** Path to content: the text of a file, {@code -> target}, {@code /} for a directory. */
    SortedMap<String, String> content() throws IOException {
        SortedMap<String, String> content = new TreeMap<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
                if (!dir.equals(root)) {
                    content.put(root.relativize(dir).toString(), "/");
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                content.put(root.relativize(file).toString(),
                        attributes.isSymbolicLink()
                                ? "-> " + Files.readSymbolicLink(file)
                                : attributes.isRegularFile() ? Files.readString(file) : "special");
                return FileVisitResult.CONTINUE;
            }
        });
        return content;
    }

    String permissions(String path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve(path)));
    }
}
