package dev.kiln.queue.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Makes Kafka's clients. Keys are build ids, values are JSON. */
final class KafkaClients {
    /** Larger than any document that Kiln writes. */
    static final int MAX_RECORD_BYTES = 3 << 20;

    /** The shortest that brokers allow unless they are told otherwise. */
    private static final Duration LEADER_SESSION = Duration.ofSeconds(6);

    private final KafkaSettings settings;
    private final AtomicInteger count = new AtomicInteger();

    KafkaClients(KafkaSettings settings) {
        this.settings = settings;
    }

    Admin admin() {
        Map<String, Object> config = common("admin");
        config.put("default.api.timeout.ms", millis(settings.patience().answer().multipliedBy(6)));
        config.put("request.timeout.ms", millis(settings.patience().answer()));
        return Admin.create(config);
    }

    /** For what somebody waits for: gives up within the patience for answers. */
    Producer<String, byte[]> promptProducer() {
        int answer = millis(settings.patience().answer());
        Map<String, Object> config = producing("prompt");
        config.put("max.block.ms", answer * 2 / 5);
        config.put("request.timeout.ms", answer * 2 / 5);
        config.put("delivery.timeout.ms", answer / 2);
        config.put("linger.ms", 0);
        return new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
    }

    /** For events: sends again for a long time, and makes the sender wait when 32 MiB are waiting. */
    Producer<String, byte[]> patientProducer() {
        int patience = millis(settings.patience().events());
        Map<String, Object> config = producing("events");
        config.put("max.block.ms", patience);
        config.put("delivery.timeout.ms", patience);
        config.put("request.timeout.ms", Math.min(patience - 10, 10_000));
        config.put("linger.ms", 3);
        config.put("batch.size", 128 << 10);
        config.put("buffer.memory", 32L << 20);
        config.put("compression.type", "lz4");
        return new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
    }

    /** For reading partitions that are assigned by hand. */
    Consumer<String, byte[]> reader() {
        return reader(Duration.ofMillis(500));
    }

    /**
     * For reading along where partitions come and go: a broker answers a fetch of this client before it looks at the next,
     * so a new partition waits for as long as a fetch of the former ones may.
     */
    Consumer<String, byte[]> nimbleReader() {
        return reader(Duration.ofMillis(20));
    }

    private Consumer<String, byte[]> reader(Duration longestFetch) {
        Map<String, Object> config = common("reader");
        config.put("fetch.max.wait.ms", millis(longestFetch));
        config.put("enable.auto.commit", false);
        config.put("auto.offset.reset", "earliest");
        config.put("default.api.timeout.ms", millis(settings.patience().answer()));
        config.put("request.timeout.ms", millis(settings.patience().answer()));
        config.put("max.poll.records", 2000);
        return new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
    }

    /** A member of the group that the leader is taken from. */
    Consumer<String, byte[]> leader() {
        Map<String, Object> config = common("leader");
        config.put("group.id", settings.dispatchers());
        config.put("enable.auto.commit", false);
        config.put("auto.offset.reset", "latest");
        config.put("session.timeout.ms", millis(LEADER_SESSION));
        config.put("heartbeat.interval.ms", millis(LEADER_SESSION.dividedBy(4)));
        config.put("default.api.timeout.ms", millis(settings.patience().answer()));
        config.put("request.timeout.ms", millis(settings.patience().answer()));
        return new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
    }

    ShareConsumer<String, byte[]> shareConsumer() {
        Map<String, Object> config = common("slot");
        config.put("group.id", settings.group());
        config.put("share.acknowledgement.mode", "explicit");
        config.put("share.acquire.mode", "record_limit");
        config.put("max.poll.records", 1);
        // A slot without a taker does not poll, and that is no fault.
        config.put("max.poll.interval.ms", millis(Duration.ofDays(20)));
        config.put("default.api.timeout.ms", millis(settings.patience().answer()));
        config.put("request.timeout.ms", millis(settings.patience().answer()));
        return new KafkaShareConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
    }

    private Map<String, Object> producing(String role) {
        Map<String, Object> config = common(role);
        config.put("acks", "all");
        config.put("enable.idempotence", true);
        config.put("max.request.size", MAX_RECORD_BYTES + (64 << 10));
        // A producer that forgets where its topic is while the broker is away makes the next sender wait.
        config.put("metadata.recovery.strategy", "none");
        config.put("metadata.max.idle.ms", Duration.ofDays(7).toMillis());
        return config;
    }

    private Map<String, Object> common(String role) {
        Map<String, Object> config = new HashMap<>();
        config.put("client.id", settings.prefix() + role + "-" + count.incrementAndGet());
        config.put("enable.metrics.push", false);
        config.put("metric.reporters", "");
        config.put("reconnect.backoff.max.ms", 500);
        config.putAll(settings.client());
        config.put("bootstrap.servers", settings.bootstrap());
        return config;
    }

    static int millis(Duration duration) {
        return Math.toIntExact(duration.toMillis());
    }
}
