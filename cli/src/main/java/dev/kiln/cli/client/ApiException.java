package dev.kiln.cli.client;

import java.util.OptionalInt;

import org.jspecify.annotations.Nullable;

/** Why the farm did not do what it was asked, in words for the person who asked. */
public final class ApiException extends Exception {
    private final Kind kind;
    private final OptionalInt status;

    public enum Kind {
        /** Nobody answers at the address, or the farm says that it cannot take requests now. */
        UNREACHABLE,
        /** The farm says that the request is wrong. */
        REFUSED,
        /** The farm says that the Dockerfile or the context is wrong. */
        BUILD_INVALID,
        /** The farm knows no such thing. */
        NOT_FOUND
    }

    ApiException(Kind kind, OptionalInt status, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.status = status;
    }

    public Kind kind() {
        return kind;
    }

    /** The status of the answer, when there was one. */
    public OptionalInt status() {
        return status;
    }
}
