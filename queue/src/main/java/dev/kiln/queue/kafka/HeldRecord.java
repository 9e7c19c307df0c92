package dev.kiln.queue.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.queue.job.Job;
import dev.kiln.queue.job.JobJson;
import dev.kiln.queue.json.JsonException;

/**
 * A record that the broker has locked for this consumer, and what keeps it so. Belongs to the consumer's thread.
 *
 * <p>How renewal goes (Kafka 4.4): the record is acknowledged with {@code RENEW} and committed; the consumer then forgets
 * it until the next poll returns it again, and only then can it be acknowledged once more. While a renewal is pending,
 * poll returns nothing but renewed records. A commit that times out leaves the renewal pending: its answer may still
 * come. A commit that is refused means that the broker does not have the record locked for us. When we were in time,
 * the broker has restarted; when this process stood still, the lock ran out and somebody else may have the record.
 */
final class HeldRecord {
    private static final Logger LOG = LoggerFactory.getLogger(HeldRecord.class);
    private static final int RENEWALS_PER_LOCK = 6;
    private static final Duration REPOLL_STEP = Duration.ofMillis(200);

    /** How a renewal stands. */
    enum Renewal {
        RENEWED,
        /** No answer yet. */
        PENDING,
        /** The broker does not know of the lock, or has not answered for as long as a lock lasts. */
        FORGOTTEN,
        /** The broker does not know of the lock any more, and this process had not renewed it for long. */
        FROZEN
    }

    private final ShareConsumer<String, byte[]> consumer;
    private final Duration lock;
    private final Duration patience;
    private final Optional<Job> job;
    private ConsumerRecord<String, byte[]> record;
    private @Nullable KafkaClaim claim;
    private long lockedAt;
    private long aliveAt;
    private long sentAt;
    private boolean pending;

    private HeldRecord(ShareConsumer<String, byte[]> consumer, Duration lock, Duration patience,
            ConsumerRecord<String, byte[]> record) {
        this.consumer = consumer;
        this.lock = lock;
        this.patience = patience;
        this.record = record;
        this.job = read(record);
        this.lockedAt = System.nanoTime();
        this.aliveAt = lockedAt;
    }

    static Optional<HeldRecord> fetch(ShareConsumer<String, byte[]> consumer, Duration lock, Duration patience,
            Duration wait) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(wait)) {
            return Optional.of(new HeldRecord(consumer, lock, patience, record));
        }
        return Optional.empty();
    }

    private static Optional<Job> read(ConsumerRecord<String, byte[]> record) {
        try {
            return Optional.of(JobJson.read(record.value()));
        } catch (JsonException e) {
            LOG.error("job is unreadable and put aside topic={} partition={} offset={} problem={}", record.topic(),
                    record.partition(), record.offset(), e.getMessage());
            return Optional.empty();
        }
    }

    /** Empty when the record is unreadable. */
    Optional<Job> job() {
        return job;
    }

    RecordId id() {
        return RecordId.of(record);
    }

    int delivery() {
        return record.deliveryCount().orElse((short) 1);
    }

    void holdFor(KafkaClaim owner) {
        claim = owner;
    }

    KafkaClaim claim() {
        return Objects.requireNonNull(claim, "held for nobody");
    }

    long nanosToRenewal() {
        return pending ? 0 : lockedAt + lock.toNanos() / RENEWALS_PER_LOCK - System.nanoTime();
    }

    /** Renews the lock, or goes on with a renewal that is pending. */
    Renewal renew() {
        long now = System.nanoTime();
        boolean late = now - aliveAt > lock.toNanos() / 2;
        aliveAt = now;
        if (!pending && !sendRenewal(now)) {
            return late ? Renewal.FROZEN : Renewal.FORGOTTEN;
        }
        for (ConsumerRecord<String, byte[]> polled : consumer.poll(REPOLL_STEP)) {
            if (!RecordId.of(polled).equals(id())) {
                putBack(polled);
                return late ? Renewal.FROZEN : Renewal.FORGOTTEN;
            }
            record = polled;
            pending = false;
            lockedAt = sentAt;
            return Renewal.RENEWED;
        }
        return System.nanoTime() - lockedAt < lock.toNanos() ? Renewal.PENDING : Renewal.FORGOTTEN;
    }

    private boolean sendRenewal(long now) {
        try {
            consumer.acknowledge(record, AcknowledgeType.RENEW);
            pending = true;
            sentAt = now;
            Optional<KafkaException> problem = commit(lock.dividedBy(RENEWALS_PER_LOCK));
            problem.ifPresent(e -> LOG.warn("renewal refused build={} problem={}", record.key(), e.getMessage()));
            return problem.isEmpty();
        } catch (TimeoutException e) {
            LOG.warn("renewal not answered yet build={}", record.key());
            return true;
        } catch (IllegalStateException e) {
            LOG.warn("renewal impossible build={} problem={}", record.key(), e.getMessage());
            return false;
        }
    }

    /** A record that came instead of ours means that the broker has forgotten ours. */
    private void putBack(ConsumerRecord<String, byte[]> other) {
        consumer.acknowledge(other, AcknowledgeType.RELEASE);
        consumer.commitAsync();
    }

    /**
     * Ends the hold; false when the broker does not know of it.
     *
     * @throws KafkaException when the broker does not answer, and may or may not know
     */
    boolean end(AcknowledgeType type) {
        while (pending) {
            Renewal renewal = renew();
            if (renewal == Renewal.FORGOTTEN || renewal == Renewal.FROZEN) {
                return false;
            }
        }
        try {
            consumer.acknowledge(record, type);
        } catch (IllegalStateException e) {
            LOG.warn("ending a claim is impossible build={} problem={}", record.key(), e.getMessage());
            return false;
        }
        Optional<KafkaException> problem = commit(patience);
        problem.ifPresent(e -> LOG.warn("ending a claim was refused build={} problem={}", record.key(),
                e.getMessage()));
        return problem.isEmpty();
    }

    /** Puts an unreadable record aside for good. */
    void reject() {
        tryEnd(AcknowledgeType.REJECT);
    }

    /** Gives the record back on the way out; what cannot be said now the broker finds out when the lock ends. */
    void release() {
        if (!pending) {
            tryEnd(AcknowledgeType.RELEASE);
        }
    }

    private void tryEnd(AcknowledgeType type) {
        try {
            end(type);
        } catch (KafkaException e) {
            LOG.warn("the broker was not told, and will hand the build out when its lock ends build={} problem={}",
                    record.key(), e.getMessage());
        }
    }

    private Optional<KafkaException> commit(Duration wait) {
        Map<TopicIdPartition, Optional<KafkaException>> result = consumer.commitSync(wait);
        return result.values().stream().flatMap(Optional::stream).findFirst();
    }
}
