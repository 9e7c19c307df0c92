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
import org.apache.kafka.common.errors.InvalidRecordStateException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.queue.QueueException;
import dev.kiln.queue.QueueException.Code;
import dev.kiln.queue.job.BuildRequest;
import dev.kiln.queue.job.JobJson;
import dev.kiln.queue.json.JsonException;

/**
 * A record that the broker has locked for this consumer, and what keeps it so. Belongs to the consumer's thread.
 *
 * <p>How renewal goes (Kafka 4.4): the record is acknowledged with {@code RENEW} and committed; the consumer then forgets
 * it until the next poll returns it again, and only then can it be acknowledged once more. While a renewal is pending,
 * poll returns nothing but renewed records. A commit that times out leaves the renewal pending: its answer may still
 * come. A commit that fails, because the lock has run out or the broker has forgotten it, loses the record.
 */
final class HeldRecord {
    private static final Logger LOG = LoggerFactory.getLogger(HeldRecord.class);
    private static final int RENEWALS_PER_LOCK = 6;
    private static final Duration REPOLL_STEP = Duration.ofMillis(200);

    private final ShareConsumer<String, byte[]> consumer;
    private final Duration lock;
    private final Duration patience;
    private final @Nullable BuildRequest request;
    private ConsumerRecord<String, byte[]> record;
    private long lockedAt;
    private boolean pending;
    private long pendingSince;
    @Nullable
    KafkaClaim claim;

    private HeldRecord(ShareConsumer<String, byte[]> consumer, Duration lock, Duration patience,
            ConsumerRecord<String, byte[]> record, @Nullable BuildRequest request) {
        this.consumer = consumer;
        this.lock = lock;
        this.patience = patience;
        this.record = record;
        this.request = request;
        this.lockedAt = System.nanoTime();
    }

    /** Fetches a record; null when none came. One that is no request is put aside, and has none here. */
    static @Nullable HeldRecord fetch(ShareConsumer<String, byte[]> consumer, Duration lock, Duration patience,
            Duration wait) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(wait)) {
            HeldRecord held = new HeldRecord(consumer, lock, patience, record, read(record));
            if (held.request == null) {
                held.tryEnd(AcknowledgeType.REJECT);
            }
            return held;
        }
        return null;
    }

    private static @Nullable BuildRequest read(ConsumerRecord<String, byte[]> record) {
        try {
            return JobJson.read(record.value());
        } catch (JsonException e) {
            LOG.error("job is unreadable and put aside topic={} partition={} offset={} problem={}", record.topic(),
                    record.partition(), record.offset(), e.getMessage());
            return null;
        }
    }

    @Nullable
    BuildRequest request() {
        return request;
    }

    KafkaClaim claim() {
        return Objects.requireNonNull(claim, "handed over before it is held");
    }

    int delivery() {
        return record.deliveryCount().orElse((short) 1);
    }

    long nanosToRenewal() {
        return pending ? 0 : lockedAt + lock.toNanos() / RENEWALS_PER_LOCK - System.nanoTime();
    }

    /** Renews the lock, or goes on with a renewal that is pending; false when the record is lost. */
    boolean renew() {
        if (!pending) {
            pendingSince = System.nanoTime();
            pending = true;
            if (!sendRenewal()) {
                return false;
            }
        }
        for (ConsumerRecord<String, byte[]> polled : consumer.poll(REPOLL_STEP)) {
            if (!isSame(polled)) {
                putBack(polled);
                return false;
            }
            record = polled;
            pending = false;
            lockedAt = pendingSince;
        }
        return System.nanoTime() - lockedAt < lock.toNanos();
    }

    private boolean sendRenewal() {
        try {
            consumer.acknowledge(record, AcknowledgeType.RENEW);
            Optional<KafkaException> problem = commit(lock.dividedBy(RENEWALS_PER_LOCK));
            problem.ifPresent(e -> LOG.warn("renewal refused key={} problem={}", record.key(), e.getMessage()));
            return problem.isEmpty();
        } catch (TimeoutException e) {
            LOG.warn("renewal not answered yet key={}", record.key());
            return true;
        } catch (IllegalStateException e) {
            LOG.warn("renewal impossible key={} problem={}", record.key(), e.getMessage());
            return false;
        }
    }

    /** A record that came instead of ours means that the broker has forgotten ours. */
    private void putBack(ConsumerRecord<String, byte[]> other) {
        consumer.acknowledge(other, AcknowledgeType.RELEASE);
        consumer.commitAsync();
    }

    private boolean isSame(ConsumerRecord<String, byte[]> other) {
        return other.partition() == record.partition() && other.offset() == record.offset()
                && other.deliveryCount().equals(record.deliveryCount());
    }

    /**
     * Ends the hold. Nothing happens when the lock was lost: the build is another's by then.
     *
     * @throws QueueException {@code UNAVAILABLE} when the broker does not say that it knows; the build may then be
     *         handed out again
     */
    void end(AcknowledgeType type) throws QueueException {
        String what = (type == AcknowledgeType.ACCEPT ? "complete build " : "give back build ") + record.key();
        try {
            while (pending) {
                if (!renew()) {
                    throw new QueueException(Code.UNAVAILABLE, what + ": its lock could not be renewed");
                }
            }
            consumer.acknowledge(record, type);
            Optional<KafkaException> problem = commit(patience);
            if (problem.isPresent() && !(problem.get() instanceof InvalidRecordStateException)) {
                throw KafkaErrors.translate(what, problem.get());
            }
        } catch (KafkaException | IllegalStateException e) {
            throw KafkaErrors.translate(what, e);
        }
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
        } catch (QueueException e) {
            LOG.warn("the broker was not told, and will hand the build out when its lock ends key={} problem={}",
                    record.key(), e.getMessage());
        }
    }

    private Optional<KafkaException> commit(Duration wait) {
        Map<TopicIdPartition, Optional<KafkaException>> result = consumer.commitSync(wait);
        return result.values().stream().flatMap(Optional::stream).findFirst();
    }
}
