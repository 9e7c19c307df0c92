package dev.kiln.queue.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.queue.CancellationJson;
import dev.kiln.queue.Cancellations;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.json.JsonException;

/** Wishes in a compacted topic keyed by build; every process reads all of it and then follows, on a thread of its own. */
final class KafkaCancellations implements Cancellations {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaCancellations.class);

    private static final Duration RETRY_PAUSE = Duration.ofSeconds(2);

    private final KafkaTopics topics;
    private final PromptSender sender;
    private final TopicReader reader;
    private final Map<BuildId, Cancellation> wishes = new ConcurrentHashMap<>();
    private final Set<Consumer<Cancellation>> listeners = ConcurrentHashMap.newKeySet();
    private final Thread follower;
    private volatile boolean closed;

    private KafkaCancellations(KafkaTopics topics, PromptSender sender, TopicReader reader) {
        this.topics = topics;
        this.sender = sender;
        this.reader = reader;
        this.follower = Thread.ofVirtual().name("cancellations").unstarted(this::follow);
    }

    /** Knows all wishes that were durable when it returns. */
    static KafkaCancellations open(KafkaClients clients, KafkaTopics topics, PromptSender sender)
            throws QueueException {
        TopicReader reader = TopicReader.open(clients, topics, topics.control(), "read the wishes to cancel");
        KafkaCancellations cancellations = new KafkaCancellations(topics, sender, reader);
        try {
            reader.readToEnd(cancellations::take);
        } catch (QueueException e) {
            reader.close();
            throw e;
        }
        cancellations.follower.start();
        return cancellations;
    }

    @Override
    public void request(Cancellation wish) throws QueueException {
        byte[] json = CancellationJson.write(wish);
        String what = "cancel build " + wish.build();
        if (json.length > CancellationJson.MAX_BYTES) {
            throw new QueueException(QueueException.Code.TOO_LARGE, what + ": the reason is too long");
        }
        var _ = sender.send(what, new ProducerRecord<>(topics.control(), wish.build().value(), json));
    }

    @Override
    public Optional<Cancellation> of(BuildId build) {
        return Optional.ofNullable(wishes.get(build));
    }

    @Override
    public AutoCloseable listen(Consumer<Cancellation> listener) {
        Consumer<Cancellation> own = listener::accept;
        listeners.add(own);
        return () -> listeners.remove(own);
    }

    @Override
    public void close() {
        closed = true;
        reader.wake();
        try {
            follower.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void follow() {
        try (reader) {
            while (!closed) {
                followOnce();
            }
        }
    }

    private void followOnce() {
        try {
            for (ConsumerRecord<String, byte[]> record : reader.next()) {
                take(record).ifPresent(this::tell);
            }
        } catch (KafkaException e) {
            LOG.error("reading the wishes to cancel failed and is tried again", e);
            LockSupport.parkNanos(RETRY_PAUSE.toNanos());
        }
    }

    private Optional<Cancellation> take(ConsumerRecord<String, byte[]> record) {
        try {
            Cancellation wish = CancellationJson.read(record.value());
            wishes.put(wish.build(), wish);
            return Optional.of(wish);
        } catch (JsonException e) {
            LOG.error("wish to cancel is unreadable and passed over offset={} problem={}", record.offset(),
                    e.getMessage());
            return Optional.empty();
        }
    }

    private void tell(Cancellation wish) {
        for (Consumer<Cancellation> listener : listeners) {
            try {
                listener.accept(wish);
            } catch (RuntimeException e) {
                LOG.error("cancel listener failed build={}", wish.build(), e);
            }
        }
    }
}
