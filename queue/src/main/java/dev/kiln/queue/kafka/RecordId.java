package dev.kiln.queue.kafka;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Which record of the jobs' topic. */
record RecordId(int partition, long offset) {

    static RecordId of(ConsumerRecord<?, ?> record) {
        return new RecordId(record.partition(), record.offset());
    }
}
