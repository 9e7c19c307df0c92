package dev.kiln.queue.secret;

/** Sealed secrets cannot be opened; the message says why, to be put behind "the secrets cannot be opened: ". */
public final class UnsealException extends Exception {
    private static final long serialVersionUID = 1L;

    UnsealException(String message) {
        super(message);
    }
}
