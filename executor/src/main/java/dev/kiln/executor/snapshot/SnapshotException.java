package dev.kiln.executor.snapshot;

import java.io.IOException;

/** A snapshot could not be made, found or kept. Failures of the disk itself come as other {@link IOException}s. */
public final class SnapshotException extends IOException {
    private static final long serialVersionUID = 1L;
    private final Code code;

    SnapshotException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    /** True when the same call may succeed later: another process may give the directory free. */
    public boolean retryable() {
        return code == Code.IN_USE;
    }

    /** What went wrong. */
    public enum Code {
        /** There is no snapshot of that name. */
        NOT_FOUND,
        /** An unpacked layer is not what its diffID says. */
        WRONG_CONTENT,
        /** Another process keeps its snapshots in the same directory. */
        IN_USE
    }
}
