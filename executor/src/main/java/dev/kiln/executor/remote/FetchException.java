package dev.kiln.executor.remote;

import java.io.IOException;

/** Something remote could not be had or was refused. The message is for the person who asked for the build. */
public final class FetchException extends IOException {
    private final Code code;

    public enum Code {
        /** The reference, the commit or the file is not there. */
        NOT_FOUND,
        /** It is not what was asked for, or it is somewhere that this executor does not go to. */
        REFUSED,
        /** The remote did not answer, or failed. */
        UNAVAILABLE,
        /** More bytes, entries or time than the limits allow. */
        TOO_LARGE,
        /** A program is missing on this executor. */
        NO_TOOL
    }

    FetchException(Code code, String message) {
        super(message);
        this.code = code;
    }

    FetchException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    /** True when the same fetch may succeed later. */
    public boolean retryable() {
        return code == Code.UNAVAILABLE;
    }
}
