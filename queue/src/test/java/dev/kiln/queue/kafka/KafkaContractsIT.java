package dev.kiln.queue.kafka;

import java.time.Duration;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

import dev.kiln.queue.BuildRecords;
import dev.kiln.queue.BuildRecordsContract;
import dev.kiln.queue.Cancellations;
import dev.kiln.queue.CancellationsContract;
import dev.kiln.queue.EventLog;
import dev.kiln.queue.EventLogContract;
import dev.kiln.queue.JobQueue;
import dev.kiln.queue.JobQueueContract;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.broker.SharedBroker;

/** The contracts, kept by Kafka. */
@Tag("broker")
class KafkaContractsIT {
    private static KafkaSettings settings;
    private static KafkaQueues queues;

    @BeforeAll
    static void connect() throws Exception {
        settings = KafkaSettings.singleNode(SharedBroker.bootstrap()).withPrefix("contracts.");
        queues = KafkaQueues.connect(settings);
    }

    @AfterAll
    static void disconnect() {
        queues.close();
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
    class Cancels extends CancellationsContract {
        @Override
        protected Cancellations cancellations() {
            return queues.cancellations();
        }

        @Override
        protected Cancellations restarted() throws QueueException {
            return KafkaQueues.connect(settings).cancellations();
        }
    }
}
