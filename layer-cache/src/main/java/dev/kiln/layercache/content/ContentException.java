package dev.kiln.layercache.content;

import java.io.IOException;

/** What can go wrong with content, by class: callers ask {@link #code}, never the text. */
public final class ContentException extends IOException {
    private final Code code;

    public enum Code {
        NOT_FOUND, DIGEST_MISMATCH, SIZE_MISMATCH, TOO_LARGE, NO_SPACE, INVALID, UNAVAILABLE
    }

    public ContentException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public ContentException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    /** True when the same call may succeed later without anybody changing its input. */
    public boolean retryable() {
        return code == Code.UNAVAILABLE || code == Code.NO_SPACE;
    }
}
