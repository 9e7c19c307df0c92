package dev.kiln.api.http;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import tools.jackson.databind.JsonNode;

/** What a call is answered: a status, headers and a body, sent when the action has returned it. */
public record Reply(int status, List<Header> headers, Body body) {

    /** One header line. */
    public record Header(String name, String value) {}

    /** What follows the headers. */
    public sealed interface Body {
        /** Nothing. For HEAD, {@code length} is the Content-Length; -1 means none is said. */
        record Nothing(long length) implements Body {}

        record Bytes(byte[] bytes) implements Body {}

        /** A part of a file, sent without a copy through this process; the channel is closed in the end. */
        record File(FileChannel channel, long offset, long length) implements Body {}

        /** Bytes as they are made; {@code length} is -1 when nobody knows. */
        record Stream(long length, Source source) implements Body {}
    }

    /**
     * Makes a body while it is sent; each write waits for the client. A failure breaks the connection, because the
     * status is out.
     */
    @FunctionalInterface
    public interface Source {
        void writeTo(ReplyStream out) throws Exception;
    }

    public Reply {
        headers = List.copyOf(headers);
    }

    public static Reply of(int status) {
        return new Reply(status, List.of(), new Body.Nothing(0));
    }

    public Reply header(String name, String value) {
        List<Header> more = new ArrayList<>(headers);
        more.add(new Header(name, value));
        return new Reply(status, more, body);
    }

    public Reply json(JsonNode node) {
        return body("application/json", new Body.Bytes(Json.write(node)));
    }

    public Reply text(String text) {
        return body("text/plain; charset=utf-8", new Body.Bytes(text.getBytes(StandardCharsets.UTF_8)));
    }

    public Reply body(String contentType, Body content) {
        return new Reply(status, headers, content).header("Content-Type", contentType);
    }

    /** A reply without content that says how long the content would be. */
    public Reply headOnly(String contentType, long length) {
        return body(contentType, new Body.Nothing(length));
    }

    /** Frees what the reply holds when it cannot be sent. */
    void discard() {
        if (body instanceof Body.File(FileChannel channel, long _, long _)) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new IllegalStateException("cannot close a file that was open for reading", e);
            }
        }
    }
}
