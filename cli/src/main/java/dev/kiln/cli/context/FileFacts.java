package dev.kiln.cli.context;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;

import static java.util.Objects.requireNonNull;

/**
 * What {@code lstat} says, by the JDK alone: the native libraries would cost a client half a second to load.
 *
 * @param stMode type and permissions, as in {@code st_mode}
 * @param changed when anything about the file was changed last, which nobody can set
 */
record FileFacts(int stMode, long size, Instant modified, Instant changed, long inode) {
    private static final int TYPE = 0170000;

    static FileFacts of(Path path) throws IOException {
        Map<String, Object> attributes = Files.readAttributes(path, "unix:mode,size,lastModifiedTime,ctime,ino",
                LinkOption.NOFOLLOW_LINKS);
        return new FileFacts((Integer) requireNonNull(attributes.get("mode")),
                (Long) requireNonNull(attributes.get("size")),
                ((FileTime) requireNonNull(attributes.get("lastModifiedTime"))).toInstant(),
                ((FileTime) requireNonNull(attributes.get("ctime"))).toInstant(),
                (Long) requireNonNull(attributes.get("ino")));
    }

    int mode() {
        return stMode & 07777;
    }

    boolean isDirectory() {
        return (stMode & TYPE) == 0040000;
    }

    boolean isRegular() {
        return (stMode & TYPE) == 0100000;
    }

    boolean isSymbolicLink() {
        return (stMode & TYPE) == 0120000;
    }

    boolean isSocket() {
        return (stMode & TYPE) == 0140000;
    }
}
