package dev.kiln.api.http;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/** A failure that the client is told as a problem document (RFC 9457). */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient ProblemType type;
    private final String detail;
    private final transient Map<String, Object> members = new LinkedHashMap<>();
    private @Nullable Duration retryAfter;

    /** @param detail what was asked, what happened and what to do about it; for the client to read */
    public ProblemException(ProblemType type, String detail) {
        super(detail);
        this.type = type;
        this.detail = detail;
    }

    public ProblemException(ProblemType type, String detail, Throwable cause) {
        super(detail, cause);
        this.type = type;
        this.detail = detail;
    }

    /** A field or parameter that is wrong. */
    public static ProblemException invalid(String field, String message) {
        return new ProblemException(HttpProblem.INVALID_REQUEST, field + ": " + message).with("field", field);
    }

    /** Adds an extension member: a string, a number or a boolean. */
    public ProblemException with(String name, Object value) {
        members.put(name, value);
        return this;
    }

    /** Tells the client when to ask again. */
    public ProblemException retryAfter(Duration delay) {
        retryAfter = delay;
        return this;
    }

    public ProblemType type() {
        return type;
    }

    public String detail() {
        return detail;
    }

    public Map<String, Object> members() {
        return members;
    }

    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }

    /** True when the same request may succeed later. */
    public boolean retryable() {
        return type.status() == 503 || type.status() == 507 || type.status() == 408;
    }
}
