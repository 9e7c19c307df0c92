package dev.kiln.queue.kafka;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

import dev.kiln.queue.QueueException;

/** Writes one record and waits until it is durable or the patience for answers is used up. Shared by many threads. */
final class PromptSender implements AutoCloseable {
    private final Producer<String, byte[]> producer;
    private final Duration patience;

    PromptSender(Producer<String, byte[]> producer, Duration patience) {
        this.producer = producer;
        this.patience = patience;
    }

    /**
     * Gives the record's offset.
     *
     * @param what what we are doing, for the message when it fails
     */
    long send(String what, ProducerRecord<String, byte[]> record) throws QueueException {
        try {
            return producer.send(record).get(patience.toMillis(), TimeUnit.MILLISECONDS).offset();
        } catch (KafkaException | ExecutionException | TimeoutException | InterruptedException e) {
            throw KafkaErrors.translate(what, e);
        }
    }

    @Override
    public void close() {
        producer.close(patience);
    }
}
