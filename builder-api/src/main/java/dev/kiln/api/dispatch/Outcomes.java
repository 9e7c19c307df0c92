package dev.kiln.api.dispatch;

import java.util.Optional;

import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.BuildId;

/** What is known of builds. Safe for many threads. */
public interface Outcomes {

    /** Whether all that had happened when this process started is known. */
    boolean caughtUp();

    /** How the build ended; empty while it has not, as far as is known. */
    Optional<BuildEvent.Final> outcome(BuildId build);

    /** Calls {@code listener} after something happened to any build, until the returned handle is closed. */
    AutoCloseable listen(Runnable listener);
}
