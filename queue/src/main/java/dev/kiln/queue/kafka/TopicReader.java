package dev.kiln.queue.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

import dev.kiln.queue.QueueException;

/** Reads a whole topic from its beginning, then what comes. Belongs to one thread, but any may wake it. */
final class TopicReader implements AutoCloseable {
    private static final Duration STEP = Duration.ofSeconds(1);

    private final Consumer<String, byte[]> consumer;
    private final Map<TopicPartition, Long> ends;
    private final String what;
    private final Duration patience;

    private TopicReader(Consumer<String, byte[]> consumer, Map<TopicPartition, Long> ends, String what,
            Duration patience) {
        this.consumer = consumer;
        this.ends = ends;
        this.what = what;
        this.patience = patience;
    }

    static TopicReader open(KafkaClients clients, KafkaTopics topics, String topic, String what)
            throws QueueException {
        List<TopicPartition> all = IntStream.range(0, topics.partitionsOf(topic))
            .mapToObj(number -> new TopicPartition(topic, number))
            .toList();
        Consumer<String, byte[]> consumer = clients.reader();
        try {
            consumer.assign(all);
            consumer.seekToBeginning(all);
            return new TopicReader(consumer, consumer.endOffsets(all), what, topics.settings().patience().answer());
        } catch (KafkaException e) {
            consumer.close();
            throw KafkaErrors.translate(what, e);
        }
    }

    /** Gives all records that were there when this was opened. */
    void readToEnd(java.util.function.Consumer<ConsumerRecord<String, byte[]>> each) throws QueueException {
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(STEP)) {
                    each.accept(record);
                    deadline = System.nanoTime() + patience.toNanos();
                }
                if (System.nanoTime() - deadline > 0) {
                    throw new QueueException(QueueException.Code.UNAVAILABLE, what + ": Kafka does not answer");
                }
            }
        } catch (KafkaException e) {
            throw KafkaErrors.translate(what, e);
        }
    }

    /** Waits a while for more; empty also when woken. */
    Iterable<ConsumerRecord<String, byte[]>> next() {
        try {
            return consumer.poll(STEP);
        } catch (WakeupException e) {
            return List.of();
        }
    }

    void wake() {
        consumer.wakeup();
    }

    @Override
    public void close() {
        consumer.close();
    }
}
