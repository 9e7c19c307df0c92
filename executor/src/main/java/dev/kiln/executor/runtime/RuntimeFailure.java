package dev.kiln.executor.runtime;

import java.io.IOException;

/** A container could not be set up or torn down; the step's process is not at fault. */
public final class RuntimeFailure extends IOException {

    public RuntimeFailure(String message) {
        super(message);
    }

    public RuntimeFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
