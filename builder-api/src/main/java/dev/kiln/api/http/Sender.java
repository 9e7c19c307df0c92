package dev.kiln.api.http;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.RejectedExecutionException;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts replies on the wire. */
final class Sender {
    private static final Logger LOG = LoggerFactory.getLogger(Sender.class);
    /** How much of a body that nobody wants is read on, and how long, so that the client gets to see the reply. */
    private static final long LINGER_BYTES = 16 << 20;
    private static final long LINGER_MILLIS = 2_000;

    private Sender() {}

    /** Sends a reply whose body is at hand; on any thread, without waiting. */
    static void send(Call call, Reply reply) {
        try {
            call.loop().runOnContext(_ -> start(call, reply));
        } catch (RejectedExecutionException e) {
            LOG.debug("server ended before the reply path={}", call.path());
            reply.discard();
        }
    }

    /** Sends a reply that is made while it is sent; on a thread that may block. */
    static void stream(Call call, Reply reply, Reply.Body.Stream body) {
        HttpServerResponse response = call.routing().response();
        ReplyStream[] out = new ReplyStream[1];
        try {
            ReplyStream.await(call.loop(), () -> {
                out[0] = new ReplyStream(response, call.loop());
                head(call, reply);
                if (body.length() < 0) {
                    response.setChunked(true);
                } else {
                    response.putHeader("Content-Length", Long.toString(body.length()));
                }
                return response.writeHead();
            });
            body.source().writeTo(out[0]);
            if (body.length() >= 0 && out[0].written() != body.length()) {
                throw new IOException("the body has " + out[0].written() + " bytes, not " + body.length());
            }
            ReplyStream.await(call.loop(), response::end);
            linger(call);
        } catch (ClientGoneException e) {
            LOG.debug("client gone path={}", call.path());
        } catch (Exception e) {
            LOG.warn("reply broken off path={} status={}", call.path(), reply.status(), e);
            call.loop().runOnContext(_ -> call.routing().request().connection().close());
        }
    }

    private static void start(Call call, Reply reply) {
        HttpServerResponse response = call.routing().response();
        if (response.closed()) {
            reply.discard();
            return;
        }
        head(call, reply);
        Future<Void> sent = switch (reply.body()) {
            case Reply.Body.Nothing(long length) -> {
                if (reply.status() != 204 && length >= 0) {
                    response.putHeader("Content-Length", Long.toString(length));
                }
                yield response.end();
            }
            case Reply.Body.Bytes(byte[] bytes) -> {
                if (call.isHead()) {
                    response.putHeader("Content-Length", Integer.toString(bytes.length));
                    yield response.end();
                }
                yield response.end(Buffer.buffer(bytes));
            }
            case Reply.Body.File(FileChannel channel, long offset, long length) -> {
                response.putHeader("Content-Length", Long.toString(length));
                yield response.sendFile(channel, offset, length).onComplete(_ -> close(channel));
            }
            case Reply.Body.Stream _ -> throw new IllegalStateException("a stream is sent by a thread that may block");
        };
        sent.onComplete(_ -> linger(call), e -> LOG.debug("client gone path={} cause={}", call.path(), e.toString()));
    }

    private static void head(Call call, Reply reply) {
        HttpServerResponse response = call.routing().response();
        response.setStatusCode(reply.status());
        for (Reply.Header header : reply.headers()) {
            response.headers().add(header.name(), header.value());
        }
        if (call.body() instanceof BodyStream && !call.routing().request().isEnded()) {
            response.putHeader("Connection", "close");
        }
    }

    /** Closes a connection whose request was answered before it had been read; not at once, which could lose the reply. */
    private static void linger(Call call) {
        if (call.body() instanceof BodyStream) {
            call.loop().runOnContext(_ -> drain(call.routing().vertx(), call.routing().request()));
        }
    }

    private static void drain(Vertx vertx, HttpServerRequest request) {
        if (request.isEnded()) {
            return;
        }
        long[] read = {0};
        long timer = vertx.setTimer(LINGER_MILLIS, _ -> request.connection().close());
        Runnable close = () -> {
            vertx.cancelTimer(timer);
            request.connection().close();
        };
        request.exceptionHandler(_ -> vertx.cancelTimer(timer));
        request.endHandler(_ -> close.run());
        request.handler(bytes -> {
            read[0] += bytes.length();
            if (read[0] > LINGER_BYTES) {
                close.run();
            }
        });
        request.resume();
    }

    private static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.warn("cannot close a file after sending it", e);
        }
    }
}
