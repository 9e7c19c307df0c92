package dev.kiln.cli.build;

import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** How files that are made aside are made, so that they have the mode that any new file has. */
public final class OwnFiles {
    private OwnFiles() {}

    /** What the process's mask takes away is taken away as for any file. */
    public static FileAttribute<Set<PosixFilePermission>> readableByAll() {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-rw-rw-"));
    }
}
