package dev.kiln.queue;

import java.util.Optional;
import java.util.function.Consumer;

import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.job.BuildRequest;

/** The latest record of each build, kept for as long as builds are remembered, which is longer than their events. */
public interface BuildRecords extends AutoCloseable {

    /**
     * @param firstPosition where the build's events begin in the {@link EventLog}
     * @param started the first attempt's start
     * @param outcome how it ended; empty while it is queued or running
     */
    record BuildRecord(BuildRequest request, long firstPosition, Optional<BuildEvent.Started> started,
            Optional<BuildEvent.Final> outcome) {

        public BuildId id() {
            return request.id();
        }
    }

    /** Replaces the build's record durably. */
    void put(BuildRecord record) throws QueueException;

    /** Calls {@code each} with the latest record of every build that was durable when this was called. */
    void forEach(Consumer<BuildRecord> each) throws QueueException;

    @Override
    void close();
}
