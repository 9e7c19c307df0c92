package dev.kiln.api.builds;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** A window on a text that passes by: what lies before it and behind it is only counted. Belongs to one thread. */
final class LogWindow {
    private final OutputStream out;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private final boolean onlyCounts;
    private long skip;
    private long left;
    private long seen;

    /** @param length 0 for a window that shows nothing and counts all */
    LogWindow(long skip, long length, OutputStream out) {
        this.out = out;
        this.skip = skip;
        this.left = length;
        this.onlyCounts = length == 0;
    }

    void line(String line) {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        write(bytes, bytes.length);
    }

    void write(byte[] bytes, int length) {
        seen += length;
        int skipped = (int) Math.min(skip, length);
        skip -= skipped;
        int count = (int) Math.min(left, length - skipped);
        left -= count;
        pending.write(bytes, skipped, count);
    }

    /** Hands on what was shown since. */
    void flush() throws IOException {
        if (pending.size() > 0) {
            out.write(pending.toByteArray());
            pending.reset();
        }
    }

    /** How much has passed by. */
    long seen() {
        return seen;
    }

    /** Whether nothing that follows will be shown. */
    boolean isFull() {
        return left == 0 && !onlyCounts;
    }
}
