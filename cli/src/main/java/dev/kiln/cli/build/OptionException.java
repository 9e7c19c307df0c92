package dev.kiln.cli.build;

/** An option says what cannot be; the message begins with the option. */
public final class OptionException extends Exception {
    private static final long serialVersionUID = 1L;

    OptionException(String message) {
        super(message);
    }
}
