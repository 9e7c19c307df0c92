package dev.kiln.api.builds;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * Bytes from one thread to another, a bounded number at a time. The reader sees the end after {@link #end}, and a failure
 * when the writer gave up; the writer never waits for a reader that has {@link #close closed}.
 */
final class Pipe extends InputStream {
    private static final int PIECES = 16;
    private static final byte[] END = {};
    private static final byte[] BROKEN = {};

    private final BlockingQueue<byte[]> pieces = new ArrayBlockingQueue<>(PIECES);
    private volatile boolean closed;
    private byte @Nullable [] current;
    private int position;

    /** Hands on a copy of the bytes; waits while too many are under way. */
    void send(byte[] bytes, int length) throws InterruptedException {
        put(Arrays.copyOf(bytes, length));
    }

    /** No more bytes follow. */
    void end() throws InterruptedException {
        put(END);
    }

    /** No more bytes follow, although some are missing. */
    void breakOff() throws InterruptedException {
        put(BROKEN);
    }

    private void put(byte[] piece) throws InterruptedException {
        boolean sent = false;
        while (!closed && !sent) {
            sent = pieces.offer(piece, 50, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        byte[] piece = piece();
        if (piece == END) {
            return -1;
        }
        if (piece == BROKEN) {
            throw new IOException("the writer gave up");
        }
        int count = Math.min(length, piece.length - position);
        System.arraycopy(piece, position, into, offset, count);
        position += count;
        return count;
    }

    private byte[] piece() throws IOException {
        byte[] piece = current;
        if (piece == null || piece != END && piece != BROKEN && position == piece.length) {
            try {
                piece = pieces.take();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
            current = piece;
            position = 0;
        }
        return piece;
    }

    /** By the reader: what is sent from now on goes nowhere. */
    @Override
    public void close() {
        closed = true;
        pieces.clear();
    }
}
