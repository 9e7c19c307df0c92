package dev.kiln.queue.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

import dev.kiln.queue.job.BuildId;

/** Where a build's events begin, by the time in its id: at the first record that is no older. */
final class BuildStart {
    /** The producer's clock may be a little behind the one that made the build's id. */
    private static final Duration CLOCK_SLACK = Duration.ofSeconds(1);

    private BuildStart() {}

    /** A guess that holds while clocks do; the beginning of the partition when no record is as young as the id. */
    static long guess(Consumer<String, byte[]> consumer, TopicPartition partition, BuildId build) {
        long time = Math.max(0, build.submitted().minus(CLOCK_SLACK).toEpochMilli());
        @Nullable
        OffsetAndTimestamp start = consumer.offsetsForTimes(Map.of(partition, time)).get(partition);
        return start != null ? start.offset() : beginning(consumer, partition);
    }

    static long beginning(Consumer<String, byte[]> consumer, TopicPartition partition) {
        return consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L);
    }
}
