package dev.kiln.cli.context;

/** The folder or the Dockerfile that was named cannot be a context; the message says why. */
public final class ContextException extends Exception {

    ContextException(String message) {
        super(message);
    }
}
