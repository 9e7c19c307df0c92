package dev.kiln.queue.kafka;

import java.time.Duration;
import java.util.List;
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

import dev.kiln.queue.QueueException;
import dev.kiln.queue.Upkeep;
import dev.kiln.queue.json.JsonException;
import dev.kiln.queue.upkeep.UpkeepJson;
import dev.kiln.queue.upkeep.UpkeepMessage;
import dev.kiln.queue.upkeep.UpkeepMessage.Answer;
import dev.kiln.queue.upkeep.UpkeepMessage.Presence;
import dev.kiln.queue.upkeep.UpkeepMessage.Question;

/** Messages in a topic that forgets; every process reads all of it and then follows, on a thread of its own. */
final class KafkaUpkeep implements Upkeep {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaUpkeep.class);
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(2);

    private final KafkaTopics topics;
    private final PromptSender sender;
    private final TopicReader reader;
    private final Map<String, Presence> executors = new ConcurrentHashMap<>();
    private final Set<Consumer<UpkeepMessage>> listeners = ConcurrentHashMap.newKeySet();
    private final Thread follower;
    private volatile boolean closed;

    private KafkaUpkeep(KafkaTopics topics, PromptSender sender, TopicReader reader) {
        this.topics = topics;
        this.sender = sender;
        this.reader = reader;
        this.follower = Thread.ofVirtual().name("upkeep").unstarted(this::follow);
    }

    /** Knows all executors that had announced themselves when it returns; questions of before are over. */
    static KafkaUpkeep open(KafkaClients clients, KafkaTopics topics, PromptSender sender) throws QueueException {
        TopicReader reader = TopicReader.open(clients, topics, topics.upkeep(), "read who is present");
        KafkaUpkeep upkeep = new KafkaUpkeep(topics, sender, reader);
        try {
            reader.readToEnd(upkeep::take);
        } catch (QueueException e) {
            reader.close();
            throw e;
        }
        upkeep.follower.start();
        return upkeep;
    }

    @Override
    public void send(UpkeepMessage message) throws QueueException {
        byte[] json = UpkeepJson.write(message);
        String what = "send " + message.getClass().getSimpleName();
        if (json.length > UpkeepJson.MAX_BYTES) {
            throw new QueueException(QueueException.Code.TOO_LARGE, what + ": " + json.length + " bytes of JSON");
        }
        var _ = sender.send(what, new ProducerRecord<>(topics.upkeep(), key(message), json));
    }

    private static String key(UpkeepMessage message) {
        return switch (message) {
            case Presence presence -> presence.executor();
            case Question question -> question.id();
            case Answer answer -> answer.question();
        };
    }

    @Override
    public AutoCloseable listen(Consumer<UpkeepMessage> listener) {
        Consumer<UpkeepMessage> own = listener::accept;
        listeners.add(own);
        return () -> listeners.remove(own);
    }

    @Override
    public List<Presence> executors() {
        return List.copyOf(executors.values());
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
                try {
                    for (ConsumerRecord<String, byte[]> record : reader.next()) {
                        take(record).ifPresent(this::tell);
                    }
                } catch (KafkaException e) {
                    LOG.error("reading the messages about disks failed and is tried again", e);
                    LockSupport.parkNanos(RETRY_PAUSE.toNanos());
                }
            }
        }
    }

    private Optional<UpkeepMessage> take(ConsumerRecord<String, byte[]> record) {
        try {
            UpkeepMessage message = UpkeepJson.read(record.value());
            if (message instanceof Presence presence) {
                executors.put(presence.executor(), presence);
            }
            return Optional.of(message);
        } catch (JsonException e) {
            LOG.error("message about disks is unreadable and passed over offset={} problem={}", record.offset(),
                    e.getMessage());
            return Optional.empty();
        }
    }

    private void tell(UpkeepMessage message) {
        for (Consumer<UpkeepMessage> listener : listeners) {
            try {
                listener.accept(message);
            } catch (RuntimeException e) {
                LOG.error("listener for messages about disks failed", e);
            }
        }
    }
}
