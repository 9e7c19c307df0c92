package dev.kiln.queue.kafka;

import java.util.TreeMap;
import java.util.function.Consumer;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.queue.BuildRecords;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.RecordJson;
import dev.kiln.queue.json.JsonException;

/** Records in a compacted topic keyed by build; the last one written counts. */
final class KafkaBuildRecords implements BuildRecords {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaBuildRecords.class);

    private final KafkaClients clients;
    private final KafkaTopics topics;
    private final PromptSender sender;

    KafkaBuildRecords(KafkaClients clients, KafkaTopics topics, PromptSender sender) {
        this.clients = clients;
        this.topics = topics;
        this.sender = sender;
    }

    @Override
    public void put(BuildRecord record) throws QueueException {
        String what = "record build " + record.id();
        byte[] json = RecordJson.write(record);
        if (json.length > RecordJson.MAX_BYTES) {
            throw new QueueException(QueueException.Code.TOO_LARGE, what + ": " + json.length + " bytes of JSON");
        }
        var _ = sender.send(what, new ProducerRecord<>(topics.builds(), record.id().value(), json));
    }

    @Override
    public void forEach(Consumer<BuildRecord> each) throws QueueException {
        TreeMap<String, byte[]> latest = new TreeMap<>();
        try (TopicReader reader = TopicReader.open(clients, topics, topics.builds(), "read the records of builds")) {
            reader.readToEnd(record -> latest.put(record.key(), record.value()));
        }
        latest.forEach((id, json) -> {
            try {
                each.accept(RecordJson.read(json));
            } catch (JsonException e) {
                LOG.error("record of a build is unreadable and passed over build={} problem={}", id, e.getMessage());
            }
        });
    }

    /** The sender belongs to {@link KafkaQueues}. */
    @Override
    public void close() {}
}
