package dev.kiln.layercache.registry;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.oci.Digest;

/** A blob on its way: at the end it is checked against its digest, so who reads to the end knows what was read. */
final class CheckedStream extends FilterInputStream {
    private final Digest expected;
    private final String what;
    private final MessageDigest hash;
    private boolean checked;

    CheckedStream(InputStream in, Digest expected, String what) {
        super(in);
        this.expected = expected;
        this.what = what;
        this.hash = expected.newHash();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int n = super.read(bytes, offset, length);
        if (n > 0) {
            hash.update(bytes, offset, n);
        } else if (n < 0 && !checked) {
            checked = true;
            check();
        }
        return n;
    }

    private void check() throws ContentException {
        Digest found = new Digest(expected.algorithm(), java.util.HexFormat.of().formatHex(hash.digest()));
        if (!found.equals(expected)) {
            throw new ContentException(ContentException.Code.DIGEST_MISMATCH,
                    what + ": the bytes that came have the digest " + found);
        }
    }

    @Override
    public long skip(long n) throws IOException {
        return readNBytes((int) Math.min(n, 1 << 16)).length;
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
