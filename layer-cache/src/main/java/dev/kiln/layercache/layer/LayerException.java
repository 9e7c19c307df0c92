package dev.kiln.layercache.layer;

import java.io.IOException;

/** What can be wrong with an archive or with a directory that becomes one: callers ask {@link #code}, never the text. */
public final class LayerException extends IOException {
    private static final long serialVersionUID = 1L;
    private final Code code;

    public enum Code {
        /** Neither a tar nor one compressed by gzip, bzip2, xz or zstd. */
        NOT_AN_ARCHIVE,
        /** Cut short, or damaged. */
        CORRUPT,
        /** A kind of entry that has no place here. */
        UNSUPPORTED_ENTRY,
        /** A name, or the way to it, that leaves the root. */
        ESCAPES_ROOT,
        /** A name below a file, or a directory in the place of one. */
        NOT_A_DIRECTORY,
        /** A hard link to nothing, or to what cannot be linked. */
        BAD_LINK,
        /** A name that only a whiteout may have, or a whiteout of no name. */
        BAD_WHITEOUT,
        /** More of something than {@link ExtractLimits} allows. */
        TOO_LARGE,
        /** A file that changed while it was packed. */
        CHANGED
    }

    public LayerException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public LayerException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    /** True when the same call may succeed later without anybody changing its input. */
    public boolean retryable() {
        return code == Code.CHANGED;
    }
}
