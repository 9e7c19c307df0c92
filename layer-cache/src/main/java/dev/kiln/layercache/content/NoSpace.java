package dev.kiln.layercache.content;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells a full disk from other failures to write. */
final class NoSpace {
    /** With less than this free, a failed write is put down to the lack of space whatever the system calls it. */
    private static final long NEARLY_NOTHING = 1 << 20;

    private NoSpace() {}

    /** The failure as a {@link ContentException} when it means that the disk is full, else as it is. */
    static IOException explain(IOException failure, Path root) {
        if (failure instanceof ContentException || !isFull(failure, root)) {
            return failure;
        }
        return new ContentException(ContentException.Code.NO_SPACE, "writing a blob under " + root
                + ": the disk or its quota is full; free space there or give Kiln another data folder", failure);
    }

    private static boolean isFull(IOException failure, Path root) {
        String message = String.valueOf(failure.getMessage());
        if (message.contains("No space left on device") || message.contains("Disk quota exceeded")) {
            return true;
        }
        try {
            return Files.getFileStore(root).getUsableSpace() < NEARLY_NOTHING;
        } catch (IOException e) {
            failure.addSuppressed(e);
            return false;
        }
    }
}
