package dev.kiln.queue.broker;

/** Why the embedded broker did not start. */
public final class BrokerException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Code code;

    public enum Code {
        /** Another broker uses the data directory. */
        IN_USE,
        /** The files of the broker cannot be written. */
        FILES,
        /** The broker's process ended, or was not ready in time; its log says more. */
        FAILED
    }

    BrokerException(Code code, String message) {
        super(message);
        this.code = code;
    }

    BrokerException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    /** Whether the same start may succeed later without anybody changing anything. */
    public boolean retryable() {
        return code == Code.IN_USE;
    }
}
