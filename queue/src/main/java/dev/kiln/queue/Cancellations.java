package dev.kiln.queue;

import java.util.Optional;
import java.util.function.Consumer;

import dev.kiln.queue.job.BuildId;

/** Wishes to cancel builds; a wish outlives the process that took it and the executor that should obey it. */
public interface Cancellations extends AutoCloseable {

    /** A wish. */
    record Cancellation(BuildId build, String reason) {}

    /** Records the wish durably. */
    void request(Cancellation wish) throws QueueException;

    /** The wish for this build, when there is one and this process has seen it. */
    Optional<Cancellation> of(BuildId build);

    /** Calls {@code listener} for every wish from now on, until the returned handle is closed. */
    AutoCloseable listen(Consumer<Cancellation> listener);

    @Override
    void close();
}
