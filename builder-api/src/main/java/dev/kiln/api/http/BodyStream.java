package dev.kiln.api.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * A request's body for blocking code. The client is read from only as fast as the reader takes: at most {@link #WINDOW}
 * pieces wait here, the rest waits in the client.
 *
 * <p>The first read tells a client that asked ({@code Expect: 100-continue}) to go on, so that one whose request is
 * refused before does not send its body at all.
 */
final class BodyStream extends InputStream {
    private static final int WINDOW = 16;

    /** What the event loop hands over. */
    private sealed interface Arrival {
        record Piece(Buffer bytes) implements Arrival {}

        record End() implements Arrival {}

        record Broken(Throwable cause) implements Arrival {}
    }

    private final HttpServerRequest request;
    private final Context loop;
    private final Duration patience;
    private final BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
    private @Nullable Buffer current;
    private int position;
    private int taken = WINDOW;
    private boolean asked;
    private boolean ended;

    /**
     * On the event loop.
     *
     * @param patience how long a read waits for the client
     */
    BodyStream(HttpServerRequest request, Context loop, Duration patience) {
        this.request = request;
        this.loop = loop;
        this.patience = patience;
        request.pause();
        request.handler(bytes -> arrivals.add(new Arrival.Piece(bytes)));
        request.endHandler(_ -> arrivals.add(new Arrival.End()));
        request.exceptionHandler(cause -> arrivals.add(new Arrival.Broken(cause)));
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
        Buffer piece = piece();
        if (piece == null) {
            return -1;
        }
        int count = Math.min(length, piece.length() - position);
        piece.getBytes(position, position + count, into, offset);
        position += count;
        return count;
    }

    /** The piece with bytes left to read; null at the end. */
    private @Nullable Buffer piece() throws IOException {
        while (!ended && (current == null || position == current.length())) {
            switch (next()) {
                case Arrival.Piece(Buffer bytes) -> {
                    current = bytes;
                    position = 0;
                }
                case Arrival.End() -> ended = true;
                case Arrival.Broken broken -> {
                    arrivals.add(broken);
                    throw new ClientGoneException("the connection closed before the body had ended", broken.cause());
                }
            }
        }
        return ended ? null : current;
    }

    private Arrival next() throws IOException {
        ask();
        Arrival arrival;
        try {
            arrival = arrivals.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while reading a body").initCause(e);
        }
        if (arrival == null) {
            throw new ProblemException(HttpProblem.BODY_TIMEOUT,
                    "nothing of the body came for " + patience.toSeconds() + " s; send it again");
        }
        taken++;
        return arrival;
    }

    /** Lets the client send as many pieces as were taken, in bundles, to cross to the event loop seldom. */
    private void ask() {
        if (taken < WINDOW / 2) {
            return;
        }
        int more = taken;
        taken = 0;
        boolean first = !asked;
        asked = true;
        loop.runOnContext(_ -> {
            if (first && "100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
                request.response().writeContinue();
            }
            request.fetch(more);
        });
    }
}
