package dev.kiln.dockerfile.ignore;

import java.util.Objects;

/** An ignore file that cannot be used. */
public final class IgnoreFileException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What is wrong with it. */
    public enum Code {
        /** A pattern that is malformed. */
        PATTERN,
        /** A file larger than allowed. */
        TOO_LARGE
    }

    private final Code code;
    private final int line;

    IgnoreFileException(Code code, int line, String message) {
        super("line " + line + " of the ignore file: " + message);
        this.code = Objects.requireNonNull(code, "code");
        this.line = line;
    }

    public Code code() {
        return code;
    }

    /** From 1. */
    public int line() {
        return line;
    }

    /** Always false: the same file fails in the same way. */
    public boolean retryable() {
        return false;
    }
}
