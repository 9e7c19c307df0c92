package dev.kiln.api.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Server-sent events (HTML standard, section 9.2). Events gather until {@link #flush}, which waits for the client; a
 * gathered bundle that has become large is sent by itself. Belongs to one thread.
 */
public final class EventStream {
    private static final int BUNDLE = 64 << 10;
    private static final byte[] HEARTBEAT = ": still here\n\n".getBytes(StandardCharsets.US_ASCII);

    private final ReplyStream out;
    private final ByteArrayOutputStream bundle = new ByteArrayOutputStream(8 << 10);

    public EventStream(ReplyStream out) {
        this.out = out;
    }

    /** The reply that is such a stream. */
    public static Reply reply(Reply.Source source) {
        return Reply.of(200)
            .body("text/event-stream", new Reply.Body.Stream(-1, source))
            .header("Cache-Control", "no-store")
            .header("X-Accel-Buffering", "no");
    }

    /** @param data on one line, in UTF-8 */
    public void event(long id, String type, byte[] data) throws IOException {
        bundle.writeBytes(("id: " + id + "\n").getBytes(StandardCharsets.US_ASCII));
        event(type, data);
    }

    /** An event that a client cannot continue after. */
    public void event(String type, byte[] data) throws IOException {
        bundle.writeBytes(("event: " + type + "\ndata: ").getBytes(StandardCharsets.US_ASCII));
        bundle.writeBytes(data);
        bundle.write('\n');
        bundle.write('\n');
        if (bundle.size() >= BUNDLE) {
            flush();
        }
    }

    /** Sends what was gathered. */
    public void flush() throws IOException {
        out.write(bundle.toByteArray());
        bundle.reset();
    }

    /** Sends a comment, which tells the client, and everything between, that the connection lives. */
    public void heartbeat() throws IOException {
        out.write(HEARTBEAT);
    }
}
