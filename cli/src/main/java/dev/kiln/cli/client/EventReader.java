package dev.kiln.cli.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Reads server-sent events (WHATWG HTML, section 9.2). Used by one thread. */
public final class EventReader implements AutoCloseable {
    private final BufferedReader lines;
    private long position;

    EventReader(InputStream stream, long position) {
        this.lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8), 64 * 1024);
        this.position = position;
    }

    /** The data of the next event; empty at the end of the stream. */
    public Optional<String> next() throws IOException {
        StringBuilder data = new StringBuilder();
        String line;
        while ((line = lines.readLine()) != null) {
            if (line.isEmpty()) {
                if (!data.isEmpty()) {
                    return Optional.of(data.toString());
                }
            } else if (line.startsWith("data:")) {
                data.append(data.isEmpty() ? "" : "\n").append(value(line, 5));
            } else if (line.startsWith("id:")) {
                position = Long.parseLong(value(line, 3));
            }
        }
        return Optional.empty();
    }

    /** The id of the last event, to go on from after a broken connection. */
    public long position() {
        return position;
    }

    private static String value(String line, int from) {
        return line.startsWith(" ", from) ? line.substring(from + 1) : line.substring(from);
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
