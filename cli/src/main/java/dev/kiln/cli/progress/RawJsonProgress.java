package dev.kiln.cli.progress;

import java.io.PrintStream;

import dev.kiln.queue.event.BuildEvent;

/** Each event as one line of JSON, as the API sent it. */
public final class RawJsonProgress implements Progress {
    private final PrintStream out;

    public RawJsonProgress(PrintStream out) {
        this.out = out;
    }

    @Override
    public void show(BuildEvent event, String json) {
        out.println(json);
        out.flush();
    }

    @Override
    public void close() {
        out.flush();
    }
}
