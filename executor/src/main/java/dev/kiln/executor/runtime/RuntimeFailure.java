package dev.kiln.executor.runtime;

import java.io.IOException;

/** A container could not be set up or torn down; or its root file system lacks what the step asks for. */
public final class RuntimeFailure extends IOException {
    private static final long serialVersionUID = 1L;
    private final Code code;

    public RuntimeFailure(String message) {
        this(Code.SETUP, message);
    }

    public RuntimeFailure(String message, Throwable cause) {
        super(message, cause);
        this.code = Code.SETUP;
    }

    RuntimeFailure(Code code, String message) {
        super(message);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    /** True when the same call may succeed later, or on another host. */
    public boolean retryable() {
        return code == Code.SETUP;
    }

    /** Whose doing it was. */
    public enum Code {
        /** This host's: runtime, kernel, disk. */
        SETUP,
        /** The step's: a user or a working directory that its root file system cannot give. */
        STEP
    }
}
