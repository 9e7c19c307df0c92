package dev.kiln.cli.context;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import dev.kiln.dockerfile.ignore.IgnorePatterns;

/** Goes through the files of a folder that no pattern ignores, in the order of their names. */
final class FolderWalk {
    private final Path root;
    private final IgnorePatterns ignored;
    private final Visitor out;

    FolderWalk(Path root, IgnorePatterns ignored, Visitor out) {
        this.root = root;
        this.ignored = ignored;
        this.out = out;
    }

    /** Told of what is found, a directory before what is in it. */
    interface Visitor {
        void directory(String name, FileFacts facts) throws IOException;

        void file(String name, FileFacts facts, Path path) throws IOException;

        void symlink(String name, FileFacts facts, String target) throws IOException;
    }

    void run() throws IOException {
        directory(root, "", IgnorePatterns.Said.NOTHING, new Pending());
    }

    /** Directories above the file at hand that are ignored themselves, and are written once something in them is not. */
    private static final class Pending {
        private final List<Write> directories = new ArrayList<>();

        void flush() throws IOException {
            for (Write write : directories) {
                write.run();
            }
            directories.clear();
        }
    }

    private interface Write {
        void run() throws IOException;
    }

    private void directory(Path directory, String prefix, IgnorePatterns.Said said, Pending above)
            throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(entries::add);
        }
        Collections.sort(entries);
        for (Path entry : entries) {
            visit(entry, prefix + entry.getFileName(), said, above);
        }
    }

    private void visit(Path path, String name, IgnorePatterns.Said above, Pending pending) throws IOException {
        FileFacts facts = FileFacts.of(path);
        IgnorePatterns.Said said = ignored.within(above, name);
        boolean skip = said.ignored();
        if (!facts.isDirectory()) {
            if (!skip) {
                pending.flush();
                file(path, name, facts);
            }
            return;
        }
        if (skip && ignored.skipsDirectory(name)) {
            return;
        }
        int before = pending.directories.size();
        pending.directories.add(() -> out.directory(name, facts));
        if (!skip) {
            pending.flush();
        }
        directory(path, name + "/", said, pending);
        while (pending.directories.size() > before) {
            pending.directories.removeLast();
        }
    }

    private void file(Path path, String name, FileFacts facts) throws IOException {
        if (facts.isSymbolicLink()) {
            out.symlink(name, facts, Files.readSymbolicLink(path).toString());
        } else if (facts.isRegular()) {
            out.file(name, facts, path);
        } else if (!facts.isSocket()) {
            throw new IOException(path + " is a device or a pipe, which a context cannot hold; "
                    + "ignore it in .dockerignore");
        }
    }
}
