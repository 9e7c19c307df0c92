package dev.kiln.queue.kafka;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.queue.Cancellations.Cancellation;
import dev.kiln.queue.Claim;
import dev.kiln.queue.ClaimSource;
import dev.kiln.queue.EventLog.Cursor;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.Samples;
import dev.kiln.queue.broker.ChildJvm;
import dev.kiln.queue.broker.CrashingBroker;
import dev.kiln.queue.broker.SharedBroker;
import dev.kiln.queue.event.Permission;
import dev.kiln.queue.job.BuildId;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What becomes of builds and events when executors, or the broker, fail. */
@Tag("broker")
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KafkaFailuresIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration LOCK = Duration.ofSeconds(2);

    private static final Duration LONG_LOCK = Duration.ofSeconds(30);

    private final BuildId build = BuildId.create(Instant.now(), new Random());

    static KafkaSettings settings(String bootstrap, String prefix, Duration lock) {
        return KafkaSettings.singleNode(bootstrap).withPrefix(prefix).withClaims(new KafkaSettings.Claims(lock, 1));
    }

    private static KafkaSettings settings(String bootstrap, String prefix) {
        return settings(bootstrap, prefix, LOCK);
    }

    private static ChildJvm startHolder(String prefix, Duration lock) throws Exception {
        return ChildJvm.start(HolderMain.class, SharedBroker.bootstrap(), prefix, lock.toString());
    }

    @Test
    void executorKilled_buildIsHandedOutAgainBeforeItsLockEnds() throws Exception {
        KafkaSettings settings = settings(SharedBroker.bootstrap(), "killed.", LONG_LOCK);
        try (KafkaQueues queues = KafkaQueues.connect(settings); ClaimSource slot = queues.jobs().openSlot()) {
            queues.jobs().submit(Samples.request(build));
            long killed;
            try (ChildJvm holder = startHolder("killed.", LONG_LOCK)) {
                assertThat(holder.line()).isEqualTo("claimed " + build);
                assertThat(slot.take(Duration.ofMillis(500))).isEmpty();
                killed = System.nanoTime();
            }
            Claim claim = slot.take(PATIENCE).orElseThrow();
            System.out.println("MEASURE kill -9 to redelivery millis=" + (System.nanoTime() - killed) / 1_000_000);
            assertThat(claim.delivery()).isEqualTo(2);
            claim.complete();
        }
    }

    @Test
    void executorFrozen_buildIsHandedOutAgainAndTheHolderIsTold() throws Exception {
        KafkaSettings settings = settings(SharedBroker.bootstrap(), "frozen.");
        try (KafkaQueues queues = KafkaQueues.connect(settings);
                ChildJvm holder = startHolder("frozen.", LOCK);
                ClaimSource slot = queues.jobs().openSlot()) {
            queues.jobs().submit(Samples.request(build));
            assertThat(holder.line()).isEqualTo("claimed " + build);
            holder.signal("STOP");
            Claim claim = slot.take(PATIENCE).orElseThrow();
            assertThat(claim.delivery()).isEqualTo(2);
            holder.signal("CONT");
            assertThat(holder.line()).isEqualTo("lost");
            claim.complete();
        }
    }

    @Test
    void heldForManyLocks_isRenewedAndNobodyElseGetsIt() throws Exception {
        KafkaSettings settings = settings(SharedBroker.bootstrap(), "renewed.");
        try (KafkaQueues queues = KafkaQueues.connect(settings);
                ClaimSource one = queues.jobs().openSlot();
                ClaimSource two = queues.jobs().openSlot()) {
            queues.jobs().submit(Samples.request(build));
            Claim claim = one.take(PATIENCE).orElseThrow();
            assertThat(two.take(LOCK.multipliedBy(2).plusSeconds(1))).isEmpty();
            assertThat(claim.isLost()).isFalse();
            BuildId next = BuildId.create(Instant.now(), new Random());
            queues.jobs().submit(Samples.request(next));
            Claim other = two.take(PATIENCE).orElseThrow();
            assertThat(other.request().id()).isEqualTo(next);
            other.complete();
            claim.complete();
            assertThat(one.take(Duration.ofMillis(500))).isEmpty();
        }
    }

    @Test
    void brokerCrashed_runningBuildGoesOnAndNothingIsLost(@TempDir Path dir) throws Exception {
        try (CrashingBroker broker = new CrashingBroker(dir);
                KafkaQueues queues = KafkaQueues.connect(settings(broker.bootstrap(), "restart."));
                ClaimSource one = queues.jobs().openSlot();
                ClaimSource two = queues.jobs().openSlot()) {
            queues.jobs().submit(Samples.request(build));
            Claim claim = one.take(PATIENCE).orElseThrow();
            queues.events().append(Samples.queued(build));
            queues.events().append(Samples.started(build, "a", 1)).toCompletableFuture().get(20, TimeUnit.SECONDS);

            Cancellation wish = new Cancellation(Samples.ID, "by ada");
            queues.cancellations().request(wish);
            queues.records().put(Samples.record(build));

            broker.crash();
            assertUnavailable(queues);
            CompletableFuture<Long> appended = queues.events()
                .append(Samples.log(build, "while it was away"))
                .toCompletableFuture();
            assertThat(appended).isNotDone();
            broker.restart();
            appended.get(30, TimeUnit.SECONDS);

            assertThat(two.take(LOCK.multipliedBy(2))).isEmpty();
            assertThat(claim.isLost()).isFalse();
            assertThat(queues.events().mayPublish(Samples.publishing(build, "a"))).isEqualTo(Permission.GRANTED);
            claim.complete();
            assertThat(two.take(LOCK.plusSeconds(1))).isEmpty();
            try (Cursor cursor = queues.events().read(build, -1)) {
                assertThat(cursor.next(PATIENCE)).hasSize(4);
            }
            try (KafkaQueues other = KafkaQueues.connect(settings(broker.bootstrap(), "restart."))) {
                assertThat(other.cancellations().of(Samples.ID)).contains(wish);
                other.records().forEach(record -> assertThat(record).isEqualTo(Samples.record(build)));
            }
        }
    }

    private static void assertUnavailable(KafkaQueues queues) {
        long begin = System.nanoTime();
        assertThatThrownBy(() -> queues.jobs().submit(Samples.request(Samples.ID))).isInstanceOf(QueueException.class)
            .matches(e -> ((QueueException) e).retryable());
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMillis(5500));
    }

    @Test
    void deliveredTooOften_goesToTheDeadLetters() throws Exception {
        KafkaSettings settings = settings(SharedBroker.bootstrap(), "dead.");
        try (KafkaQueues queues = KafkaQueues.connect(settings); ClaimSource slot = queues.jobs().openSlot()) {
            queues.jobs().submit(Samples.request(build));
            for (int delivery = 1; delivery <= 4; delivery++) {
                Claim claim = slot.take(PATIENCE).orElseThrow();
                assertThat(claim.delivery()).isEqualTo(delivery);
                claim.giveBack(Duration.ZERO);
            }
            assertThat(slot.take(Duration.ofSeconds(1))).isEmpty();
            assertThat(firstDeadLetter(settings).key()).isEqualTo(build.value());
        }
    }

    @Test
    void unreadableJob_isPutAsideAndTheNextOneComes() throws Exception {
        KafkaSettings settings = settings(SharedBroker.bootstrap(), "garbage.");
        try (KafkaQueues queues = KafkaQueues.connect(settings);
                ClaimSource slot = queues.jobs().openSlot();
                Producer<String, byte[]> producer = new KafkaClients(settings).promptProducer()) {
            producer.send(new ProducerRecord<>("garbage.jobs", "x", "{\"id\":7}".getBytes())).get();
            queues.jobs().submit(Samples.request(build));
            Claim claim = slot.take(PATIENCE).orElseThrow();
            assertThat(claim.request().id()).isEqualTo(build);
            claim.complete();
            assertThat(firstDeadLetter(settings).key()).isEqualTo("x");
        }
    }

    private static ConsumerRecord<String, byte[]> firstDeadLetter(KafkaSettings settings) {
        TopicPartition letters = new TopicPartition("dlq." + settings.prefix() + "jobs", 0);
        try (Consumer<String, byte[]> consumer = new KafkaClients(settings).reader()) {
            consumer.assign(Map.of(letters, 0L).keySet());
            return consumer.poll(PATIENCE).iterator().next();
        }
    }
}
