package dev.kiln.queue.secret;

import java.security.MessageDigest;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/** Bytes that do not show themselves. */
public final class Secret {
    /** What BuildKit takes as one secret at most. */
    public static final int MAX_BYTES = 500 << 10;

    private final byte[] bytes;

    /** Copies the bytes. */
    public Secret(byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException("a secret has more than " + MAX_BYTES + " bytes");
        }
        this.bytes = bytes.clone();
    }

    /** A copy. */
    public byte[] bytes() {
        return bytes.clone();
    }

    public int size() {
        return bytes.length;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Secret secret && MessageDigest.isEqual(bytes, secret.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "(hidden)";
    }
}
