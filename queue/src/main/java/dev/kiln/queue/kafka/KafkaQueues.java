package dev.kiln.queue.kafka;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;

import dev.kiln.queue.Backlogs;
import dev.kiln.queue.BuildRecords;
import dev.kiln.queue.Cancellations;
import dev.kiln.queue.EventLog;
import dev.kiln.queue.JobQueue;
import dev.kiln.queue.Leadership;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.Upkeep;

/**
 * A process's connection to Kafka: all contracts, which close together in order. What it gives is safe for many
 * threads, and closing a part of it is not needed.
 */
public final class KafkaQueues implements AutoCloseable {
    private final KafkaClients clients;
    private final KafkaTopics topics;
    private final GroupWarmer warmer;
    private final PromptSender sender;
    private final KafkaJobQueue jobs;
    private final KafkaEventLog events;
    private final KafkaBuildRecords records;
    private final Followed followed;

    /** What follows a topic on a thread of its own from the start. */
    private record Followed(KafkaCancellations cancellations, KafkaUpkeep upkeep) {}

    private KafkaQueues(KafkaClients clients, KafkaTopics topics, PromptSender sender, Followed followed) {
        this.clients = clients;
        this.topics = topics;
        this.warmer = GroupWarmer.start(clients, topics);
        this.sender = sender;
        this.jobs = new KafkaJobQueue(clients, topics, sender);
        this.events = KafkaEventLog.open(clients, topics);
        this.records = new KafkaBuildRecords(clients, topics, sender);
        this.followed = followed;
    }

    /**
     * Connects, makes the topics and the share group that are missing, and reads the wishes to cancel. In a new cluster
     * the share group gets ready in the background.
     *
     * @throws QueueException {@code UNAVAILABLE} when the cluster does not answer or refuses
     */
    public static KafkaQueues connect(KafkaSettings settings) throws QueueException {
        try {
            KafkaClients clients = new KafkaClients(settings);
            KafkaTopics topics;
            try (Admin admin = clients.admin()) {
                topics = KafkaTopics.prepare(admin, settings);
            }
            PromptSender sender = new PromptSender(clients.promptProducer(), settings.patience().answer());
            try {
                Followed followed = follow(clients, topics, sender);
                return new KafkaQueues(clients, topics, sender, followed);
            } catch (QueueException e) {
                sender.close();
                throw e;
            }
        } catch (KafkaException e) {
            throw KafkaErrors.translate("connect to Kafka at " + settings.bootstrap(), e);
        }
    }

    private static Followed follow(KafkaClients clients, KafkaTopics topics, PromptSender sender)
            throws QueueException {
        KafkaCancellations cancellations = KafkaCancellations.open(clients, topics, sender);
        try {
            return new Followed(cancellations, KafkaUpkeep.open(clients, topics, sender));
        } catch (QueueException e) {
            cancellations.close();
            throw e;
        }
    }

    /**
     * What API processes share, read and followed from now on; to be closed before this.
     *
     * @throws QueueException {@code UNAVAILABLE} when the cluster does not answer
     */
    public Backlogs openBacklogs() throws QueueException {
        KafkaBacklog open = KafkaBacklog.open(clients, topics, topics.backlog(), sender);
        try {
            KafkaBacklog dead = KafkaBacklog.open(clients, topics, topics.deadBuilds(), sender);
            return new Backlogs(open, dead, topics.settings().alone()
                    ? Leadership.ALONE
                    : KafkaLeadership.open(clients, topics.backlog()));
        } catch (QueueException e) {
            open.close();
            throw e;
        }
    }

    public JobQueue jobs() {
        return jobs;
    }

    public EventLog events() {
        return events;
    }

    public BuildRecords records() {
        return records;
    }

    public Cancellations cancellations() {
        return followed.cancellations();
    }

    public Upkeep upkeep() {
        return followed.upkeep();
    }

    /** Gives claims back, sends what is unsent, and disconnects; takes seconds when the broker is away. */
    @Override
    public void close() {
        warmer.close();
        jobs.close();
        followed.upkeep().close();
        followed.cancellations().close();
        records.close();
        events.close();
        sender.close();
    }
}
