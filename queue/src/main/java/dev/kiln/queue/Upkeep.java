package dev.kiln.queue;

import java.util.List;
import java.util.function.Consumer;

import dev.kiln.queue.upkeep.UpkeepMessage;
import dev.kiln.queue.upkeep.UpkeepMessage.Presence;

/**
 * Questions about disks to all executors, and their answers. Nothing of it outlives an hour: whoever asks waits for the
 * answers, and asks again when they do not come. Safe for many threads.
 */
public interface Upkeep extends AutoCloseable {

    /** Sends a message to all processes, this one included. */
    void send(UpkeepMessage message) throws QueueException;

    /** Calls {@code listener} for every message from now on, in their order, until the returned handle is closed. */
    AutoCloseable listen(Consumer<UpkeepMessage> listener);

    /** The latest presence of each executor of the last hour; also of those that leave, or died. */
    List<Presence> executors();

    @Override
    void close();
}
