package dev.kiln.queue.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where the cluster is and what Kiln keeps in it.
 *
 * @param bootstrap {@code host:port}, several separated by commas
 * @param prefix of all topics, and the name of the share group without its final dot
 * @param client properties for every client as Kafka names them, for TLS and SASL say; may hold secrets
 * @param alone that there is one API process and never another, which then need not ask who hands jobs out
 */
public record KafkaSettings(String bootstrap, String prefix, Topics topics, Claims claims, Patience patience,
        Map<String, String> client, boolean alone) {
    /** What Kiln sets itself, because its guarantees hang on it. */
    private static final Set<String> OWN = Set.of("bootstrap.servers", "group.id", "acks", "enable.idempotence",
            "delivery.timeout.ms", "max.block.ms", "share.acknowledgement.mode", "share.acquire.mode",
            "max.poll.records", "enable.auto.commit", "auto.offset.reset", "key.serializer", "value.serializer",
            "key.deserializer", "value.deserializer", "isolation.level", "transactional.id");

    /**
     * Topics as they are made when they are not there; those that are there stay as they are. The number of partitions
     * of {@code events} must never change: a build's partition is found by it.
     *
     * @param jobPartitions one is enough for thousands of slots; more spread the load over brokers
     * @param eventPartitions about as many as there are slots in the farm
     * @param replication −1 for the cluster's default
     * @param eventRetention how long events are kept
     * @param eventBytes how many bytes of events are kept in each partition at most; −1 for any
     * @param recordRetention how long the records of builds, and builds that wait, are kept
     */
    public record Topics(int jobPartitions, int eventPartitions, int replication, Duration eventRetention,
            long eventBytes, Duration recordRetention) {
        public Topics {
            check(jobPartitions >= 1 && eventPartitions >= 1, "a topic needs a partition at least");
            check(replication == -1 || replication >= 1 && replication <= Short.MAX_VALUE, "replication below 1");
            check(!eventRetention.minusHours(1).isNegative() && recordRetention.compareTo(eventRetention) >= 0,
                    "events are kept for an hour at least, and records no shorter than events");
            check(eventBytes == -1 || eventBytes >= 64 << 20, "less than 64 MiB of events in a partition");
        }
    }

    /**
     * @param lock how long a claim lives without renewal, at least a second; the broker has bounds of its own
     * @param deliveryLimit how often a build is tried, 1 to 7
     */
    public record Claims(Duration lock, int deliveryLimit) {
        public Claims {
            check(lock.toMillis() >= 1000, "a claim's lock below one second");
            check(deliveryLimit >= 1 && deliveryLimit <= 7, "delivery limit outside 1 to 7");
        }
    }

    /**
     * @param answer how long an operation may wait for the broker before it is {@code UNAVAILABLE}
     * @param events how long events that were appended are kept for a broker that is away
     */
    public record Patience(Duration answer, Duration events) {
        public Patience {
            check(answer.toMillis() >= 500, "less than half a second for an answer");
            check(events.compareTo(answer) >= 0 && events.toMillis() < Integer.MAX_VALUE,
                    "patience for events outside that for answers to 24 days");
        }
    }

    public KafkaSettings {
        check(!bootstrap.isBlank(), "no Kafka address");
        check(prefix.matches("[a-zA-Z0-9_-][a-zA-Z0-9._-]{0,99}"),
                "a topic prefix has 1 to 100 letters, digits, and . _ -");
        client = Map.copyOf(client);
        Set<String> clash = new TreeSet<>(client.keySet());
        clash.retainAll(OWN);
        check(clash.isEmpty(), "Kafka client properties that Kiln sets itself: " + clash);
    }

    /** For a farm: the cluster's default replication, 8 partitions of jobs and 32 of events. */
    public static KafkaSettings farm(String bootstrap) {
        return new KafkaSettings(bootstrap, "kiln.",
                new Topics(8, 32, -1, Duration.ofDays(7), -1, Duration.ofDays(90)),
                new Claims(Duration.ofSeconds(30), 5), new Patience(Duration.ofSeconds(5), Duration.ofMinutes(10)),
                Map.of(), false);
    }

    /** For one machine with a broker of its own: few partitions, and at most a gigabyte of events. */
    public static KafkaSettings singleNode(String bootstrap) {
        KafkaSettings farm = farm(bootstrap)
            .withTopics(new Topics(1, 4, 1, Duration.ofDays(7), 256 << 20, Duration.ofDays(90)));
        return new KafkaSettings(bootstrap, farm.prefix, farm.topics, farm.claims, farm.patience, farm.client, true);
    }

    public KafkaSettings withPrefix(String other) {
        return new KafkaSettings(bootstrap, other, topics, claims, patience, client, alone);
    }

    public KafkaSettings withTopics(Topics other) {
        return new KafkaSettings(bootstrap, prefix, other, claims, patience, client, alone);
    }

    public KafkaSettings withClaims(Claims other) {
        return new KafkaSettings(bootstrap, prefix, topics, other, patience, client, alone);
    }

    public KafkaSettings withPatience(Patience other) {
        return new KafkaSettings(bootstrap, prefix, topics, claims, other, client, alone);
    }

    public KafkaSettings withClient(Map<String, String> properties) {
        return new KafkaSettings(bootstrap, prefix, topics, claims, patience, properties, alone);
    }

    /** The group of those who may hand jobs out. */
    String dispatchers() {
        return prefix + "dispatchers";
    }

    /** The share group of all executors. */
    String group() {
        return prefix + "executors";
    }

    private static void check(boolean ok, String problem) {
        if (!ok) {
            throw new IllegalArgumentException(problem);
        }
    }

    /** Client properties by name only. */
    @Override
    public String toString() {
        return "KafkaSettings[bootstrap=" + bootstrap + ", prefix=" + prefix + ", topics=" + topics + ", claims="
                + claims + ", patience=" + patience + ", client=" + new TreeSet<>(client.keySet()) + ", alone=" + alone
                + "]";
    }
}
