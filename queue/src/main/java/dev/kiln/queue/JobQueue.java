package dev.kiln.queue;

import dev.kiln.queue.job.BuildRequest;
import dev.kiln.queue.job.Job;

/** Builds that wait for an executor. */
public interface JobQueue extends AutoCloseable {

    /**
     * Accepts a build: when this returns, it survives the loss of any process.
     *
     * @throws QueueException with {@code UNAVAILABLE} when the broker did not confirm in time; the build may then run
     *         or not
     */
    void submit(Job job) throws QueueException;

    /** Accepts a build without secrets. */
    default void submit(BuildRequest request) throws QueueException {
        submit(Job.of(request));
    }

    /** Opens a place that takes one build at a time. Each belongs to one thread. */
    ClaimSource openSlot();

    /**
     * How often a build is tried. A claim whose {@link Claim#delivery} is larger than this is not for building: who
     * takes it says that the build has failed ({@code ATTEMPTS_EXHAUSTED}) and completes it. The queue hands such a
     * build out a few times more, in case that fails too, and then puts it aside.
     */
    int deliveryLimit();

    @Override
    void close();
}
