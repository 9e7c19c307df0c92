package dev.kiln.layercache.registry;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

import org.jspecify.annotations.Nullable;

/**
 * What a registry answered that it should not have, or that it did not answer. The message says what was tried, which
 * registry was asked and what it said, never a credential.
 */
public final class RegistryException extends IOException {
    private final Code code;
    private final OptionalInt status;
    private final Optional<Duration> retryAfter;

    public enum Code {
        /** The registry knows no such repository, manifest or blob. */
        NOT_FOUND,
        /** No or wrong credentials. */
        UNAUTHORIZED,
        /** The credentials do not suffice. */
        DENIED,
        /** Too many requests. */
        RATE_LIMITED,
        /** Not reached, or in trouble itself. */
        UNAVAILABLE,
        /** An answer that the specification does not allow, or one over a bound. */
        PROTOCOL,
        /** It refused what was sent. */
        REFUSED
    }

    RegistryException(Code code, String message, OptionalInt status, Optional<Duration> retryAfter,
            @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.status = status;
        this.retryAfter = retryAfter;
    }

    static RegistryException protocol(String message) {
        return new RegistryException(Code.PROTOCOL, message, OptionalInt.empty(), Optional.empty(), null);
    }

    public Code code() {
        return code;
    }

    /** The status of the answer, when there was one. */
    public OptionalInt status() {
        return status;
    }

    /** How long the registry asks to be left alone. */
    Optional<Duration> retryAfter() {
        return retryAfter;
    }

    /** True when the same call may succeed later. */
    public boolean retryable() {
        return switch (code) {
            case RATE_LIMITED, UNAVAILABLE -> true;
            case NOT_FOUND, UNAUTHORIZED, DENIED, PROTOCOL, REFUSED -> false;
        };
    }
}
