package dev.kiln.cli.progress;

import java.io.PrintStream;

import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.event.PlainLog;

/** Lines that can be kept in a file. */
public final class PlainProgress implements Progress {
    private final PrintStream out;
    private final PlainLog log;

    public PlainProgress(PrintStream out) {
        this.out = out;
        this.log = new PlainLog(line -> out.println(Printable.line(line)));
    }

    @Override
    public void show(BuildEvent event, String json) {
        log.add(event);
        out.flush();
    }

    @Override
    public void close() {
        out.flush();
    }
}
