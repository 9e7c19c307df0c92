package dev.kiln.cli;

/** A command cannot go on; the message is all that the person needs. */
final class CommandFailed extends Exception {
    private final int exitCode;

    CommandFailed(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
