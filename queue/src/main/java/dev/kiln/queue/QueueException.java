package dev.kiln.queue;

/** What can go wrong with the queue and the logs, by class. */
public final class QueueException extends Exception {
    private final Code code;

    public enum Code {
        /** The broker does not answer, or does not confirm in time. */
        UNAVAILABLE,
        /** The record is larger than the broker takes. */
        TOO_LARGE,
        /** What is stored cannot be read. */
        CORRUPT
    }

    public QueueException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public QueueException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    public boolean retryable() {
        return code == Code.UNAVAILABLE;
    }
}
