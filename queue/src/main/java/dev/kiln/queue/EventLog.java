package dev.kiln.queue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.event.Permission;
import dev.kiln.queue.job.BuildId;

/** The events of all builds, in order for each build, replayable. */
public interface EventLog extends AutoCloseable {

    /**
     * An event and where it stands: positions of one build grow, with gaps.
     */
    record Recorded(long position, BuildEvent event) {}

    /**
     * Appends; the stage completes with the position when the event is durable. The events of one caller keep their
     * order. While the broker is away events are held in bounded memory and sent when it is back; once that memory is
     * full, this waits. After a failed stage later events of the build may still arrive: the attempt must end.
     *
     * <p>The stage fails with a {@link QueueException}: {@code TOO_LARGE}, or {@code UNAVAILABLE} when the broker stays
     * away for longer than events are kept for it. What hangs on the stage must not block.
     */
    CompletionStage<Long> append(BuildEvent event);

    /** Waits until all that was appended through this log is durable or has failed. */
    void flush() throws QueueException;

    /**
     * Reads one build's events after {@code position} (-1 for all), old ones first, then those that come.
     */
    Cursor read(BuildId build, long position) throws QueueException;

    /**
     * Reads all builds' events from the oldest kept, or those that come. Events of one build keep their order, those of
     * different builds come in any.
     */
    Cursor readAll(From from) throws QueueException;

    /**
     * Appends {@code event} and says whether its attempt may publish: it may when the event counts as
     * {@link dev.kiln.queue.event.Attempts} has it, that is, when no other attempt started after this one did and the
     * build had no outcome before. Waits until the event is durable and all before it were seen.
     *
     * <p>So a build whose publisher was killed after it was allowed is completed by the next attempt: that attempt's
     * {@code Started} supersedes the earlier {@code Publishing}. The earlier attempt, if it was not killed but frozen,
     * is refused when it asks again; it must ask immediately before each name it pushes. What remains: an attempt that
     * freezes between the answer and the registry's receipt of the manifest may set a name after the next attempt did.
     * Both manifests were built from the same request, and the next attempt's is the one on record.
     */
    Permission mayPublish(BuildEvent.Publishing event) throws QueueException;

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
