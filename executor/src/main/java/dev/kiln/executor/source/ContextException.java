package dev.kiln.executor.source;

import java.io.IOException;

/** A context could not be had or was refused. The message is for the person who asked for the build. */
public final class ContextException extends IOException {
    private final Code code;
    private final boolean retryable;

    public enum Code {
        /** Neither here nor in the farm's registry. */
        NOT_FOUND,
        /** The farm's registry did not answer, or failed. */
        UNAVAILABLE,
        /** What came is not what was uploaded, not a tar, or has entries that lead out of it. */
        REFUSED,
        /** The context has no Dockerfile where the request says, or it is too large to be one. */
        NO_DOCKERFILE,
        /** The disk of the executor failed or is full. */
        DISK
    }

    ContextException(Code code, String message, boolean retryable, Throwable cause) {
        super(message, cause);
        this.code = code;
        this.retryable = retryable;
    }

    ContextException(Code code, String message) {
        super(message);
        this.code = code;
        this.retryable = false;
    }

    public Code code() {
        return code;
    }

    /** True when the same build may succeed later. */
    public boolean retryable() {
        return retryable;
    }
}
