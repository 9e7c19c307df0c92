package dev.kiln.queue;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The stand-ins keep the contracts, and their faults are what they say. */
class InMemoryTest {

    @Nested
    class Jobs extends JobQueueContract {
        private final InMemoryJobQueue queue = new InMemoryJobQueue();

        @Override
        protected JobQueue queue() {
            return queue;
        }

        @Override
        protected Duration brief() {
            return Duration.ofMillis(20);
        }

        @Override
        protected Duration delay() {
            return Duration.ofMillis(200);
        }

        @Test
        void loseClaims_tellsTheHolderAndHandsOutAgain() throws Exception {
            AtomicInteger lost = new AtomicInteger();
            queue.submit(Samples.request(newId()));
            try (ClaimSource slot = queue.openSlot()) {
                Claim claim = slot.take(PATIENCE).orElseThrow();
                claim.onLost(lost::incrementAndGet);
                queue.loseClaims();
                claim.onLost(lost::incrementAndGet);
                claim.complete();
                assertThat(lost).hasValue(2);
                assertThat(slot.take(PATIENCE).orElseThrow().delivery()).isEqualTo(2);
            }
            assertThat(queue.waiting()).isEqualTo(1);
        }

        @Test
        void submit_brokerAway_isUnavailable() {
            queue.setAvailable(false);
            assertThatThrownBy(() -> queue.submit(Samples.request(newId()))).isInstanceOf(QueueException.class)
                .matches(e -> ((QueueException) e).retryable());
        }
    }

    @Nested
    class Events extends EventLogContract {
        private final InMemoryEventLog log = new InMemoryEventLog();

        @Override
        protected EventLog log() {
            return log;
        }

        @Test
        void append_brokerAway_isDurableWhenItIsBack() throws Exception {
            log.setAvailable(false);
            CompletableFuture<Long> appended = log.append(Samples.queued(build)).toCompletableFuture();
            assertThat(appended).isNotDone();
            log.setAvailable(true);
            assertThat(appended).isCompletedWithValue(0L);
            log.flush();
            assertThat(log.events(build)).containsExactly(Samples.queued(build));
        }
    }

    @Nested
    class Records extends BuildRecordsContract {
        private final InMemoryBuildRecords records = new InMemoryBuildRecords();

        @Override
        protected BuildRecords records() {
            return records;
        }
    }

    @Nested
    class Waiting extends BacklogContract {
        private final InMemoryBacklog backlog = new InMemoryBacklog();

        @Override
        protected Backlog backlog() {
            return backlog;
        }

        @Override
        protected Backlog restarted() {
            return backlog;
        }
    }

    @Nested
    class Disks extends UpkeepContract {
        private final InMemoryUpkeep upkeep = new InMemoryUpkeep();

        @Override
        protected Upkeep upkeep() {
            return upkeep;
        }

        @Override
        protected Upkeep restarted() {
            return upkeep;
        }
    }

    @Nested
    class Cancels extends CancellationsContract {
        private final InMemoryCancellations cancellations = new InMemoryCancellations();

        @Override
        protected Cancellations cancellations() {
            return cancellations;
        }

        @Override
        protected Cancellations restarted() {
            return cancellations.other();
        }
    }

    @Test
    void patience_isNotSpentInFull_whenABuildIsThere() throws Exception {
        InMemoryJobQueue queue = new InMemoryJobQueue();
        queue.submit(Samples.request(Samples.ID));
        assertThat(queue.openSlot().take(Duration.ofDays(1))).isPresent();
    }
}
