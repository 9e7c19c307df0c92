package dev.kiln.queue;

import java.time.Duration;

import dev.kiln.queue.job.BuildRequest;
import dev.kiln.queue.job.Job;

/**
 * An executor's hold on a build. It is renewed in the background until it ends. While the broker is away the claim goes
 * on, and so does the build. It is lost when this process stood still for so long that another executor may have the
 * build already, when the broker was away for too long, or when its slot was closed. Exactly one of the two endings is
 * called, from any thread; ending a lost claim does nothing.
 *
 * <p>A claim is a hint, not a proof: two executors may hold the same build for a while. What only one of them may do is
 * decided by {@link EventLog#mayPublish}.
 */
public interface Claim {

    Job job();

    default BuildRequest request() {
        return job().request();
    }

    /** How often this build was handed out, this time included. */
    int delivery();

    /** Runs {@code action} once, on some thread, when the claim is lost; at once when it is lost already. */
    void onLost(Runnable action);

    boolean isLost();

    /**
     * The build has ended, well or badly; it is not handed out again.
     *
     * @throws QueueException {@code UNAVAILABLE} when the broker did not confirm; the build may then be handed out again,
     *         to somebody who finds its outcome in the event log
     */
    void complete() throws QueueException;

    /**
     * Hands the build back to be tried again, here or elsewhere, not before {@code delay} has passed; should this process
     * end before that, it may be at once.
     */
    void giveBack(Duration delay) throws QueueException;
}
