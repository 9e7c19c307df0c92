package dev.kiln.cli.progress;

import dev.kiln.queue.event.BuildEvent;

/** Shows nothing. */
public final class QuietProgress implements Progress {

    @Override
    public void show(BuildEvent event, String json) {}

    @Override
    public void close() {}
}
