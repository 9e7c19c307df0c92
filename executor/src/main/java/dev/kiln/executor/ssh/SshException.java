package dev.kiln.executor.ssh;

import java.io.IOException;

/** A key cannot be used. The message says nothing of the key itself. */
public final class SshException extends IOException {
    private static final long serialVersionUID = 1L;

    SshException(String message) {
        super(message);
    }
}
