package dev.kiln.queue.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.queue.Backlog;
import dev.kiln.queue.BacklogEntry;
import dev.kiln.queue.BacklogJson;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.json.JsonException;

/**
 * Entries in a compacted topic of one partition, keyed by build; every process reads all of it and then follows. What this
 * process writes it knows at once: by their offsets it tells what it reads later from what it knows already.
 */
final class KafkaBacklog implements Backlog {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaBacklog.class);
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(2);

    /** @param entry empty when it was removed, which is remembered until the reader has come so far */
    private record Known(long offset, Optional<BacklogEntry> entry) {}

    private final String topic;
    private final PromptSender sender;
    private final TopicReader reader;
    private final Thread follower;
    private final Set<Runnable> listeners = ConcurrentHashMap.newKeySet();
    /** Guarded by itself. */
    private final TreeMap<String, Known> known = new TreeMap<>();
    private volatile boolean closed;

    private KafkaBacklog(String topic, PromptSender sender, TopicReader reader) {
        this.topic = topic;
        this.sender = sender;
        this.reader = reader;
        this.follower = Thread.ofVirtual().name("backlog " + topic).unstarted(this::follow);
    }

    /** Knows all that was durable when it returns. */
    static KafkaBacklog open(KafkaClients clients, KafkaTopics topics, String topic, PromptSender sender)
            throws QueueException {
        TopicReader reader = TopicReader.open(clients, topics, topic, "read the backlog of builds");
        KafkaBacklog backlog = new KafkaBacklog(topic, sender, reader);
        try {
            reader.readToEnd(backlog::take);
        } catch (QueueException e) {
            reader.close();
            throw e;
        }
        backlog.follower.start();
        return backlog;
    }

    @Override
    public void put(BacklogEntry entry) throws QueueException {
        String what = "keep build " + entry.build() + " in the backlog";
        byte[] json = BacklogJson.write(entry);
        if (json.length > BacklogJson.MAX_BYTES) {
            throw new QueueException(QueueException.Code.TOO_LARGE, what + ": " + json.length + " bytes of JSON");
        }
        String key = entry.build().value();
        apply(key, sender.send(what, new ProducerRecord<>(topic, 0, key, json)), Optional.of(entry));
    }

    @Override
    public void remove(BuildId build) throws QueueException {
        String key = build.value();
        apply(key,
                sender.send("remove build " + build + " from the backlog", new ProducerRecord<>(topic, 0, key, null)),
                Optional.empty());
    }

    private void apply(String key, long offset, Optional<BacklogEntry> entry) {
        synchronized (known) {
            Known before = known.get(key);
            if (before == null || before.offset < offset) {
                known.put(key, new Known(offset, entry));
            }
        }
        tell();
    }

    @Override
    public Optional<BacklogEntry> get(BuildId build) {
        synchronized (known) {
            Known found = known.get(build.value());
            return found == null ? Optional.empty() : found.entry;
        }
    }

    @Override
    public List<BacklogEntry> entries() {
        synchronized (known) {
            return known.values().stream().flatMap(one -> one.entry.stream()).toList();
        }
    }

    @Override
    public int size() {
        synchronized (known) {
            return (int) known.values().stream().filter(one -> one.entry.isPresent()).count();
        }
    }

    @Override
    public AutoCloseable listen(Runnable listener) {
        Runnable own = listener::run;
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
                try {
                    boolean news = false;
                    for (ConsumerRecord<String, byte[]> record : reader.next()) {
                        take(record);
                        news = true;
                    }
                    if (news) {
                        tell();
                    }
                } catch (KafkaException e) {
                    LOG.error("reading the backlog failed and is tried again topic={}", topic, e);
                    LockSupport.parkNanos(RETRY_PAUSE.toNanos());
                }
            }
        }
    }

    private void take(ConsumerRecord<String, byte[]> record) {
        try {
            Optional<BacklogEntry> entry = Optional.ofNullable(value(record)).map(BacklogJson::read);
            synchronized (known) {
                Known before = known.get(record.key());
                if (before != null && before.offset > record.offset()) {
                    return;
                }
                if (entry.isPresent()) {
                    known.put(record.key(), new Known(record.offset(), entry));
                } else {
                    known.remove(record.key());
                }
            }
        } catch (JsonException e) {
            LOG.error("entry of the backlog is unreadable and passed over topic={} offset={} build={} problem={}",
                    topic,
                    record.offset(), record.key(), e.getMessage());
        }
    }

    private static byte @Nullable [] value(ConsumerRecord<String, byte[]> record) {
        return record.value();
    }

    private void tell() {
        for (Runnable listener : listeners) {
            try {
                listener.run();
            } catch (RuntimeException e) {
                LOG.error("listener for the backlog failed", e);
            }
        }
    }
}
