package dev.kiln.layercache.content;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.OptionalLong;

import dev.kiln.layercache.oci.Digest;

/**
 * A blob read from its start, checked as it goes by. The last bytes are only given out after digest and size were found
 * right, so also a reader that stops at the size it expects learns that the blob is wrong:
 * {@link ContentException} {@code DIGEST_MISMATCH} or {@code SIZE_MISMATCH}. For one thread at a time.
 */
public final class VerifyingInputStream extends FilterInputStream {
    private final String what;
    private final Digest expected;
    private final OptionalLong size;
    private final MessageDigest hash;
    private final Verdict verdict;
    private long count;
    private boolean verified;

    /**
     * @param what the blob and where it comes from, for errors
     * @param size empty when it is not known; then the check is at the end of {@code in}
     */
    public VerifyingInputStream(String what, InputStream in, Digest expected, OptionalLong size) {
        this(what, in, expected, size, failure -> failure);
    }

    /** @param verdict hears once what the blob is */
    VerifyingInputStream(String what, InputStream in, Digest expected, OptionalLong size, Verdict verdict) {
        super(in);
        this.what = what;
        this.expected = expected;
        this.size = size;
        this.hash = expected.newHash();
        this.verdict = verdict;
    }

    /** What is done when it is known whether the blob is right. */
    interface Verdict {
        /** What this returns is thrown. */
        ContentException wrong(ContentException failure) throws IOException;

        default void right() {}
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        if (len == 0) {
            return 0;
        }
        int n = in.read(b, off, len);
        if (n < 0) {
            atEnd();
            return -1;
        }
        hash.update(b, off, n);
        count += n;
        if (size.isPresent() && count >= size.getAsLong()) {
            atSize();
        }
        return n;
    }

    /** Reads on, so that what is skipped is checked too. */
    @Override
    public long skip(long n) throws IOException {
        byte[] sink = new byte[8192];
        long left = n;
        while (left > 0) {
            int read = read(sink, 0, (int) Math.min(left, sink.length));
            if (read < 0) {
                break;
            }
            left -= read;
        }
        return n - left;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private void atSize() throws IOException {
        if (count > size.getAsLong()) {
            throw mismatch(ContentException.Code.SIZE_MISMATCH,
                    what + " is longer than the " + size.getAsLong() + " bytes it should have");
        }
        verify();
    }

    private void atEnd() throws IOException {
        if (size.isPresent() && count < size.getAsLong()) {
            throw mismatch(ContentException.Code.SIZE_MISMATCH,
                    what + " ended after " + count + " of " + size.getAsLong() + " bytes");
        }
        verify();
    }

    private void verify() throws IOException {
        if (verified) {
            return;
        }
        if (!MessageDigest.isEqual(hash.digest(), HexFormat.of().parseHex(expected.hex()))) {
            throw mismatch(ContentException.Code.DIGEST_MISMATCH, what + " does not have the digest " + expected);
        }
        verified = true;
        verdict.right();
    }

    private ContentException mismatch(ContentException.Code code, String message) throws IOException {
        return verdict.wrong(new ContentException(code, message));
    }
}
