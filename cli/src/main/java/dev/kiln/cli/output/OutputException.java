package dev.kiln.cli.output;

/** An output that is not possible as it was asked for; the message is all that the person needs. */
public final class OutputException extends Exception {
    OutputException(String message) {
        super(message);
    }
}
