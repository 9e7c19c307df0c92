package dev.kiln.executor.exporter;

import org.jspecify.annotations.Nullable;

/** An image could not be made or published. The message is for the person who asked for the build. */
public final class ExportException extends Exception {
    private final Code code;
    private final boolean retryable;

    public enum Code {
        /** A layer of the result could not be packed, or is no longer there to be read. */
        LAYER,
        /** Not a name under which an image can be put. */
        NAME,
        /** A registry did not take the image, or could not be reached. */
        REGISTRY
    }

    ExportException(Code code, String message, boolean retryable, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.retryable = retryable;
    }

    public Code code() {
        return code;
    }

    /** True when the same export may succeed later. */
    public boolean retryable() {
        return retryable;
    }
}
