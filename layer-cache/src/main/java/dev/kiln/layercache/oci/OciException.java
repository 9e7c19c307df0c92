package dev.kiln.layercache.oci;

/**
 * A document or name that does not follow the specifications. Asking again with the same bytes never helps; callers ask
 * {@link #code}, never the text.
 */
public final class OciException extends IllegalArgumentException {
    private final Code code;

    public enum Code {
        /** More bytes than Kiln reads of such a document. */
        TOO_LARGE,
        /** Not JSON, or JSON that is not the document it should be. */
        INVALID,
        /** Understood, and not handled: an old schema or an unknown media type. */
        UNSUPPORTED
    }

    public OciException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public OciException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    /** Always false: the bytes would have to change. */
    public boolean retryable() {
        return false;
    }
}
