package dev.kiln.layercache.layer;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

import org.jspecify.annotations.Nullable;

/**
 * Reads a stream in pieces, from the second piece on by a thread of its own: so decompressing goes on while what came out is
 * hashed and written. A few pieces at most lie ready; then that thread waits. It owns the stream, and closes it when it has
 * ended. For one reading thread.
 */
final class ReadAhead implements AutoCloseable {
    private static final int PIECE = 128 * 1024;
    private static final int PIECES = 6;

    private final InputStream in;
    private final BlockingQueue<byte[]> empty = new ArrayBlockingQueue<>(PIECES);
    private final BlockingQueue<Result> full = new ArrayBlockingQueue<>(PIECES + 1);
    private Piece current = new Piece(new byte[PIECE], 0);
    private boolean first = true;
    private boolean ended;
    private @Nullable Thread reader;

    sealed interface Result permits Piece, Failure {}

    /** The first {@code length} bytes; none at the end. */
    record Piece(byte[] bytes, int length) implements Result {}

    private record Failure(IOException cause) implements Result {}

    ReadAhead(InputStream in) {
        this.in = in;
    }

    /** The next piece; the one before is then read no more. One without bytes is the end. */
    Piece next() throws IOException {
        if (ended) {
            return new Piece(current.bytes, 0);
        }
        if (first) {
            first = false;
            current = new Piece(current.bytes, in.readNBytes(current.bytes, 0, PIECE));
        } else {
            current = take();
        }
        // Less than a piece is the end: then no thread is needed, or has no more to do.
        ended = current.length < PIECE;
        return current;
    }

    private Piece take() throws IOException {
        if (reader == null) {
            for (int i = 1; i < PIECES; i++) {
                empty.add(new byte[PIECE]);
            }
            reader = Thread.ofPlatform().daemon().name("layer-read-ahead").start(this::readAll);
        }
        empty.add(current.bytes);
        try {
            return switch (full.take()) {
                case Piece piece -> piece;
                case Failure failure -> {
                    ended = true;
                    throw failure.cause;
                }
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while reading an archive").initCause(e);
        }
    }

    private void readAll() {
        try (in) {
            int length = PIECE;
            while (length == PIECE) {
                byte[] bytes = empty.take();
                length = in.readNBytes(bytes, 0, PIECE);
                full.add(new Piece(bytes, length));
            }
        } catch (IOException e) {
            full.add(new Failure(e));
        } catch (RuntimeException | Error e) {
            full.add(new Failure(new IOException("reading an archive failed", e)));
        } catch (InterruptedException _) {
            // closed before the end: nobody waits for more
        }
    }

    /** Stops reading. A read under way ends by itself; what it reads from may be closed meanwhile. */
    @Override
    public void close() throws IOException {
        if (reader == null) {
            in.close();
        } else {
            reader.interrupt();
        }
    }
}
