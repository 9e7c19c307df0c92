package dev.kiln.layercache.lease;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;

import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.PosixException;
import dev.kiln.layercache.posix.RawPath;

/** Uses written down as the time of a file or directory. */
public final class Marks {

    private Marks() {}

    /** Sets the time; does nothing when the file is gone. Not synced: a use that a power cut forgets does no harm. */
    public static void used(Path file, Instant when) throws IOException {
        try {
            Posix.setModifiedOnly(RawPath.of(file), when);
        } catch (PosixException e) {
            if (!e.isMissing()) {
                throw e;
            }
        }
    }
}
