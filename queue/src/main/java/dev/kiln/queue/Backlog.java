package dev.kiln.queue;

import java.util.List;
import java.util.Optional;

import dev.kiln.queue.job.BuildId;

/**
 * Jobs with their standing, shared by all API processes and kept until they are removed. The latest word on a build
 * counts. Every process sees all of it, each other's changes a little later than its own. Safe for many threads.
 */
public interface Backlog extends AutoCloseable {

    /**
     * Keeps the entry durably in place of any other of its build.
     *
     * @throws QueueException {@code UNAVAILABLE} when the broker did not confirm in time; it may be kept or not
     */
    void put(BacklogEntry entry) throws QueueException;

    /** Removes the build's entry durably, if there is one. */
    void remove(BuildId build) throws QueueException;

    Optional<BacklogEntry> get(BuildId build);

    /** All that is known here, the oldest builds first. */
    List<BacklogEntry> entries();

    /** How many there are. */
    int size();

    /** Calls {@code listener} after every change from now on, until the returned handle is closed. */
    AutoCloseable listen(Runnable listener);

    @Override
    void close();
}
