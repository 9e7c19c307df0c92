package dev.kiln.queue;

import dev.kiln.queue.job.BuildRequest;

/** Builds that wait for an executor. */
public interface JobQueue extends AutoCloseable {

    /**
     * Accepts a build: when this returns, it survives the loss of any process.
     *
     * @throws QueueException with {@code UNAVAILABLE} when the broker did not confirm in time; the build may then run
     *         or not
     */
    void submit(BuildRequest request) throws QueueException;

    /** Opens a place that takes one build at a time. Each belongs to one thread. */
    ClaimSource openSlot();

    @Override
    void close();
}
