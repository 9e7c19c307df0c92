package dev.kiln.cli.progress;

import dev.kiln.queue.event.BuildEvent;

/** Shows a build while it runs. Used by one thread. */
public interface Progress extends AutoCloseable {

    /** Shows one event; {@code json} is its form on the wire. */
    void show(BuildEvent event, String json);

    /** Leaves the terminal as a finished build should. */
    @Override
    void close();
}
