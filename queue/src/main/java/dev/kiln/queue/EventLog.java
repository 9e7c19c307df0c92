package dev.kiln.queue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.BuildId;

/** The events of all builds, in order for each build, replayable. */
public interface EventLog extends AutoCloseable {

    /**
     * An event and where it stands: positions of one build grow, with gaps.
     */
    record Recorded(long position, BuildEvent event) {}

    /** Appends without waiting; the stage completes with the position when the event is durable. Order is kept. */
    CompletionStage<Long> append(BuildEvent event);

    /** Waits until all that was appended through this log is durable. */
    void flush() throws QueueException;

    /**
     * Reads one build's events after {@code position} (-1 for all), old ones first, then those that come.
     */
    Cursor read(BuildId build, long position) throws QueueException;

    /** Reads all builds' events from the oldest kept, or from where an earlier reader stopped. */
    Cursor readAll(From from) throws QueueException;

    /**
     * Appends {@code event} and says whether this attempt may publish: it may when no other attempt started after it
     * and no other attempt was allowed to before. Waits until the event is durable and all before it were seen.
     */
    boolean mayPublish(BuildEvent.Publishing event) throws QueueException;

    enum From {
        OLDEST, NOW
    }

    /** A reader's place in the log; belongs to one thread, but any thread may close it, which ends a waiting read. */
    interface Cursor extends AutoCloseable {

        /** The next events; empty when none came within {@code patience} or the cursor was closed. */
        List<Recorded> next(Duration patience) throws QueueException;

        /** True when all that was durable when the cursor was opened has been returned. */
        boolean caughtUp();

        @Override
        void close();
    }

    @Override
    void close();
}
