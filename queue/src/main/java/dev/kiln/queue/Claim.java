package dev.kiln.queue;

import java.time.Duration;

import dev.kiln.queue.job.BuildRequest;

/**
 * An executor's hold on a build. It is renewed in the background until it ends; when that fails it is lost, and another
 * executor may have the build already. Exactly one of the two endings is called, from any thread; ending a lost claim
 * does nothing.
 */
public interface Claim {

    BuildRequest request();

    /** How often this build was handed out, this time included. */
    int delivery();

    /** Runs {@code action} once, on some thread, when the claim is lost; at once when it is lost already. */
    void onLost(Runnable action);

    boolean isLost();

    /** The build has ended, well or badly; it is not handed out again. */
    void complete() throws QueueException;

    /** Hands the build back to be tried again, here or elsewhere, not before {@code delay} has passed. */
    void giveBack(Duration delay) throws QueueException;
}
