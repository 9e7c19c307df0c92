package dev.kiln.queue.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

import dev.kiln.queue.Backlog;
import dev.kiln.queue.BacklogContract;
import dev.kiln.queue.Backlogs;
import dev.kiln.queue.BuildRecords;
import dev.kiln.queue.BuildRecordsContract;
import dev.kiln.queue.Cancellations;
import dev.kiln.queue.CancellationsContract;
import dev.kiln.queue.EventLog;
import dev.kiln.queue.EventLogContract;
import dev.kiln.queue.JobQueue;
import dev.kiln.queue.JobQueueContract;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.Upkeep;
import dev.kiln.queue.UpkeepContract;
import dev.kiln.queue.broker.SharedBroker;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.upkeep.UpkeepMessage;

/** The contracts, kept by Kafka. */
@Tag("broker")
class KafkaContractsIT {
    private static KafkaSettings settings;
    private static KafkaQueues queues;
    private static Backlogs backlogs;

    @BeforeAll
    static void connect() throws Exception {
        settings = KafkaSettings.singleNode(SharedBroker.bootstrap()).withPrefix("contracts.");
        queues = KafkaQueues.connect(settings);
        backlogs = queues.openBacklogs();
    }

    @AfterAll
    static void disconnect() {
        backlogs.close();
        queues.close();
    }

    @Nested
    class Waiting extends BacklogContract {
        @Override
        protected Backlog backlog() {
            return backlogs.open();
        }

        @Override
        protected Backlog restarted() throws QueueException {
            return queues.openBacklogs().open();
        }
    }

    @Nested
    class Jobs extends JobQueueContract {
        @Override
        protected JobQueue queue() {
            return queues.jobs();
        }

        @Override
        protected Duration brief() {
            return Duration.ofMillis(500);
        }

        @Override
        protected Duration delay() {
            return Duration.ofSeconds(3);
        }
    }

    @Nested
    class Events extends EventLogContract {
        @Override
        protected EventLog log() {
            return queues.events();
        }
    }

    @Nested
    class Records extends BuildRecordsContract {
        @Override
        protected BuildRecords records() {
            return queues.records();
        }
    }

    @Nested
    class Disks extends UpkeepContract {
        @Override
        protected Upkeep upkeep() {
            return queues.upkeep();
        }

        @Override
        protected Upkeep restarted() throws QueueException {
            return new OtherUpkeep(KafkaQueues.connect(settings));
        }
    }

    private record OtherUpkeep(KafkaQueues queues) implements Upkeep {
        @Override
        public void send(UpkeepMessage message) throws QueueException {
            queues.upkeep().send(message);
        }

        @Override
        public AutoCloseable listen(Consumer<UpkeepMessage> listener) {
            return queues.upkeep().listen(listener);
        }

        @Override
        public List<UpkeepMessage.Presence> executors() {
            return queues.upkeep().executors();
        }

        @Override
        public void close() {
            queues.close();
        }
    }

    @Nested
    class Cancels extends CancellationsContract {
        @Override
        protected Cancellations cancellations() {
            return queues.cancellations();
        }

        @Override
        protected Cancellations restarted() throws QueueException {
            return new OtherProcess(KafkaQueues.connect(settings));
        }
    }

    /** The wishes as a process sees them that connects anew. */
    private record OtherProcess(KafkaQueues queues) implements Cancellations {
        @Override
        public void request(Cancellation wish) throws QueueException {
            queues.cancellations().request(wish);
        }

        @Override
        public Optional<Cancellation> of(BuildId build) {
            return queues.cancellations().of(build);
        }

        @Override
        public AutoCloseable listen(Consumer<Cancellation> listener) {
            return queues.cancellations().listen(listener);
        }

        @Override
        public void close() {
            queues.close();
        }
    }
}
