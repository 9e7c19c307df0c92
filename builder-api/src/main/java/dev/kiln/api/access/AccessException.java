package dev.kiln.api.access;

import java.util.Optional;

/** A call that may not go on. */
public final class AccessException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;
    private final transient Optional<String> challenge;

    /** Why not. */
    public enum Kind {
        /** Nobody knows who calls; other credentials may help. */
        UNAUTHORIZED,
        /** Whoever calls has not the right. */
        DENIED,
        /** What the call asks for cannot be answered. */
        INVALID,
        /** There is nothing of the kind here. */
        ABSENT
    }

    private AccessException(Kind kind, String message, Optional<String> challenge) {
        super(message);
        this.kind = kind;
        this.challenge = challenge;
    }

    static AccessException unauthorized(String message, String challenge) {
        return new AccessException(Kind.UNAUTHORIZED, message, Optional.of(challenge));
    }

    static AccessException denied(String message) {
        return new AccessException(Kind.DENIED, message, Optional.empty());
    }

    static AccessException invalid(String message) {
        return new AccessException(Kind.INVALID, message, Optional.empty());
    }

    static AccessException absent(String message) {
        return new AccessException(Kind.ABSENT, message, Optional.empty());
    }

    public Kind kind() {
        return kind;
    }

    /** The value of {@code WWW-Authenticate}. */
    public Optional<String> challenge() {
        return challenge;
    }

    /** The same call fails again. */
    public boolean retryable() {
        return false;
    }
}
