package dev.kiln.queue.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.queue.EventLog.Cursor;
import dev.kiln.queue.EventLog.Recorded;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.event.EventJson;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.json.JsonException;

/**
 * A place in the events of one build or of all.
 *
 * <p>Where a build begins is guessed from the time in its id. The guess is right unless clocks are wrong, and that shows:
 * {@code Queued} is then not among the first events, or there are none; so the partition is read from its beginning instead.
 */
final class EventCursor implements Cursor {
    private static final Logger LOG = LoggerFactory.getLogger(EventCursor.class);

    private final Consumer<String, byte[]> consumer;
    private final @Nullable BuildId build;
    private final Map<TopicPartition, Long> ends;
    private final ReentrantLock lock = new ReentrantLock();
    private boolean guessed;
    private boolean released;
    private volatile boolean caughtUp;
    private volatile boolean closed;

    /**
     * @param consumer assigned and placed; belongs to this from now on
     * @param build whose events to give; null for all
     * @param ends where the partitions ended when this was opened
     * @param guessed whether the consumer's place is a guess
     */
    EventCursor(Consumer<String, byte[]> consumer, @Nullable BuildId build, Map<TopicPartition, Long> ends,
            boolean guessed) {
        this.consumer = consumer;
        this.build = build;
        this.ends = ends;
        this.guessed = guessed;
        this.caughtUp = ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue())
                && !guessed;
    }

    @Override
    public List<Recorded> next(Duration patience) throws QueueException {
        long deadline = System.nanoTime() + patience.toNanos();
        lock.lock();
        try {
            while (!closed) {
                long left = Math.max(0, deadline - System.nanoTime());
                List<Recorded> found = select(consumer.poll(Duration.ofNanos(left)));
                found = reconsider(found);
                caughtUp |= !guessed && atEnd();
                if (!found.isEmpty() || System.nanoTime() - deadline >= 0) {
                    return found;
                }
            }
            return List.of();
        } catch (WakeupException e) {
            return List.of();
        } catch (KafkaException e) {
            throw KafkaErrors.translate(build == null ? "read all events" : "read the events of build " + build, e);
        } finally {
            if (closed) {
                release();
            }
            lock.unlock();
        }
    }

    private List<Recorded> reconsider(List<Recorded> found) {
        if (!guessed || found.isEmpty() && !atEnd()) {
            return found;
        }
        guessed = false;
        if (!found.isEmpty() && found.stream().anyMatch(one -> one.event() instanceof BuildEvent.Queued)) {
            return found;
        }
        consumer.seekToBeginning(ends.keySet());
        return List.of();
    }

    private boolean atEnd() {
        return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    private List<Recorded> select(ConsumerRecords<String, byte[]> records) {
        List<Recorded> found = new ArrayList<>(build == null ? records.count() : 0);
        for (ConsumerRecord<String, byte[]> record : records) {
            if (build == null || build.value().equals(record.key())) {
                read(record, found);
            }
        }
        return found;
    }

    static void read(ConsumerRecord<String, byte[]> record, List<Recorded> found) {
        try {
            EventJson.read(record.value()).ifPresent(event -> found.add(new Recorded(record.offset(), event)));
        } catch (JsonException e) {
            LOG.error("event is unreadable and passed over partition={} offset={} problem={}", record.partition(),
                    record.offset(), e.getMessage());
        }
    }

    @Override
    public boolean caughtUp() {
        return caughtUp;
    }

    @Override
    public void close() {
        closed = true;
        consumer.wakeup();
        if (lock.tryLock()) {
            try {
                release();
            } finally {
                lock.unlock();
            }
        }
    }

    private void release() {
        if (!released) {
            released = true;
            consumer.close();
        }
    }
}
