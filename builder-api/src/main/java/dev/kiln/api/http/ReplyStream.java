package dev.kiln.api.http;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

/**
 * The body of a reply while it is sent. Every write waits until the bytes have left for the client, so that a slow
 * client slows its writer down and nothing piles up; write large pieces. Belongs to one thread.
 */
public final class ReplyStream extends OutputStream {
    private final HttpServerResponse response;
    private final Context loop;
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private long written;

    /** On the event loop. */
    ReplyStream(HttpServerResponse response, Context loop) {
        this.response = response;
        this.loop = loop;
        response.closeHandler(_ -> gone.complete(null));
        response.exceptionHandler(_ -> gone.complete(null));
    }

    /** Runs {@code action} once, on some thread, when the client has closed the connection; it must not block. */
    public void onGone(Runnable action) {
        var unused = gone.thenRun(action);
    }

    long written() {
        return written;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[]{(byte) b}, 0, 1);
    }

    /** @throws ClientGoneException when the client has closed the connection */
    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (length > 0) {
            Buffer copy = Buffer.buffer(length).appendBytes(bytes, offset, length);
            await(loop, () -> response.write(copy));
            written += length;
        }
    }

    /** Runs {@code step} on the event loop and waits for what it starts. */
    static void await(Context loop, Supplier<Future<Void>> step) throws IOException {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.runOnContext(_ -> {
            try {
                step.get().onComplete(_ -> done.complete(null), done::completeExceptionally);
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        try {
            done.get();
        } catch (ExecutionException e) {
            throw new ClientGoneException("the client closed the connection", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while sending").initCause(e);
        }
    }
}
