package dev.kiln.layercache.layer;

import java.io.IOException;
import java.io.InputStream;

/** A stream whose closing is left to who opened it. */
final class Unclosed extends InputStream {
    private final InputStream in;

    Unclosed(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        return in.read();
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        return in.read(into, offset, length);
    }

    @Override
    public void close() {
        // not ours
    }
}
