package dev.kiln.cli.context;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

import dev.kiln.dockerfile.ignore.IgnorePatterns;
import dev.kiln.layercache.layer.ContextWriter;

/** Writes the files of a folder that no pattern ignores, in the order of their names. */
final class FolderWalk {
    private static final String ATTRIBUTES =
            "unix:mode,size,lastModifiedTime,isDirectory,isRegularFile,isSymbolicLink";
    private final Path root;
    private final IgnorePatterns ignored;
    private final ContextWriter out;

    FolderWalk(Path root, IgnorePatterns ignored, ContextWriter out) {
        this.root = root;
        this.ignored = ignored;
        this.out = out;
    }

    void write() throws IOException {
        directory(root, "", new Pending());
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

    private void directory(Path directory, String prefix, Pending above) throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(entries::add);
        }
        Collections.sort(entries);
        for (Path entry : entries) {
            visit(entry, prefix + entry.getFileName(), above);
        }
    }

    private void visit(Path path, String name, Pending above) throws IOException {
        Map<String, Object> attributes = Files.readAttributes(path, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
        boolean skip = ignored.ignores(name);
        int mode = (Integer) attributes.get("mode");
        Instant modified = ((FileTime) attributes.get("lastModifiedTime")).toInstant();
        if ((Boolean) attributes.get("isDirectory")) {
            if (skip && ignored.skipsDirectory(name)) {
                return;
            }
            int before = above.directories.size();
            above.directories.add(() -> out.directory(name, mode, modified));
            if (!skip) {
                above.flush();
            }
            directory(path, name + "/", above);
            while (above.directories.size() > before) {
                above.directories.removeLast();
            }
        } else if (!skip) {
            above.flush();
            file(path, name, mode, modified, attributes);
        }
    }

    private void file(Path path, String name, int mode, Instant modified, Map<String, Object> attributes)
            throws IOException {
        if ((Boolean) attributes.get("isSymbolicLink")) {
            out.symlink(name, Files.readSymbolicLink(path).toString(), modified);
        } else if ((Boolean) attributes.get("isRegularFile")) {
            try (InputStream content = Files.newInputStream(path)) {
                out.file(name, mode, modified, (Long) attributes.get("size"), content);
            }
        } else if ((mode & 0170000) != 0140000) {
            throw new IOException(path + " is a device or a pipe, which a context cannot hold; "
                    + "ignore it in .dockerignore");
        }
    }
}
