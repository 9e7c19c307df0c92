package dev.kiln.queue.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

import dev.kiln.queue.QueueException;

/**
 * The topics and the share group, made when they are not there.
 *
 * @param partitions how many the topics have by name
 */
record KafkaTopics(KafkaSettings settings, Map<String, Integer> partitions) {
    /** How often the broker hands a build out beyond the limit, so that an executor can say that it has failed. */
    private static final int TELLING = 3;

    KafkaTopics {
        partitions = Map.copyOf(partitions);
    }

    String jobs() {
        return jobs(settings);
    }

    String events() {
        return events(settings);
    }

    String builds() {
        return builds(settings);
    }

    String control() {
        return control(settings);
    }

    String backlog() {
        return backlog(settings);
    }

    String deadBuilds() {
        return deadBuilds(settings);
    }

    String upkeep() {
        return upkeep(settings);
    }

    int partitionsOf(String topic) {
        return Optional.ofNullable(partitions.get(topic)).orElseThrow();
    }

    private static String jobs(KafkaSettings settings) {
        return settings.prefix() + "jobs";
    }

    private static String events(KafkaSettings settings) {
        return settings.prefix() + "events";
    }

    private static String builds(KafkaSettings settings) {
        return settings.prefix() + "builds";
    }

    private static String control(KafkaSettings settings) {
        return settings.prefix() + "control";
    }

    private static String backlog(KafkaSettings settings) {
        return settings.prefix() + "backlog";
    }

    private static String deadBuilds(KafkaSettings settings) {
        return settings.prefix() + "dead";
    }

    private static String upkeep(KafkaSettings settings) {
        return settings.prefix() + "upkeep";
    }

    /** The broker takes dead letters only to topics whose names begin so. */
    private static String deadLetters(KafkaSettings settings) {
        return "dlq." + jobs(settings);
    }

    /** Makes what is missing. Several processes may do so at once. */
    static KafkaTopics prepare(Admin admin, KafkaSettings settings) throws QueueException {
        List<NewTopic> wanted = wanted(settings);
        try {
            List<NewTopic> missing = missing(admin, wanted);
            if (!missing.isEmpty()) {
                create(admin, missing);
            }
            configureGroup(admin, settings);
            return new KafkaTopics(settings, partitions(admin, wanted.stream().map(NewTopic::name).toList()));
        } catch (ExecutionException | InterruptedException e) {
            throw KafkaErrors.translate("prepare the topics at " + settings.bootstrap(), e);
        }
    }

    private static List<NewTopic> wanted(KafkaSettings settings) {
        KafkaSettings.Topics topics = settings.topics();
        String records = millis(topics.recordRetention());
        String events = millis(topics.eventRetention());
        return List.of(topic(settings, jobs(settings), topics.jobPartitions(), Map.of("retention.ms", records)),
                topic(settings, deadLetters(settings), 1, Map.of("retention.ms", records,
                        "errors.deadletterqueue.group.enable", "true")),
                topic(settings, events(settings), topics.eventPartitions(), Map.of("retention.ms", events,
                        "retention.bytes", Long.toString(topics.eventBytes()), "segment.bytes", "67108864")),
                topic(settings, builds(settings), 1, compacted(records)),
                topic(settings, control(settings), 1, compacted(events)),
                topic(settings, backlog(settings), 1, onlyCompacted()),
                topic(settings, deadBuilds(settings), 1, compacted(records)), topic(settings, upkeep(settings), 1, Map
                    .of("retention.ms", millis(Duration.ofHours(1)), "segment.ms", millis(Duration.ofMinutes(20)))));
    }

    private static Map<String, String> compacted(String retention) {
        return Map.of("cleanup.policy", "compact,delete", "retention.ms", retention, "segment.bytes", "16777216",
                "min.cleanable.dirty.ratio", "0.2");
    }

    /** What waits is never lost to age. */
    private static Map<String, String> onlyCompacted() {
        return Map.of("cleanup.policy", "compact", "segment.bytes", "16777216", "min.cleanable.dirty.ratio", "0.2",
                "max.compaction.lag.ms", millis(Duration.ofHours(1)));
    }

    private static NewTopic topic(KafkaSettings settings, String name, int partitions, Map<String, String> configs) {
        Map<String, String> all = new HashMap<>(configs);
        all.put("max.message.bytes", Integer.toString(KafkaClients.MAX_RECORD_BYTES));
        return new NewTopic(name, partitions, (short) settings.topics().replication()).configs(all);
    }

    private static List<NewTopic> missing(Admin admin, List<NewTopic> wanted)
            throws ExecutionException, InterruptedException {
        Map<String, KafkaFuture<TopicDescription>> described = admin
            .describeTopics(wanted.stream().map(NewTopic::name).toList())
            .topicNameValues();
        List<NewTopic> missing = new ArrayList<>();
        for (NewTopic topic : wanted) {
            try {
                Objects.requireNonNull(described.get(topic.name())).get();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw e;
                }
                missing.add(topic);
            }
        }
        return missing;
    }

    private static void create(Admin admin, List<NewTopic> missing) throws ExecutionException, InterruptedException {
        for (KafkaFuture<Void> created : admin.createTopics(missing).values().values()) {
            try {
                created.get();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
            }
        }
    }

    private static void configureGroup(Admin admin, KafkaSettings settings)
            throws ExecutionException, InterruptedException {
        Map<String, String> wanted = Map.of("share.auto.offset.reset", "earliest", "share.record.lock.duration.ms",
                millis(settings.claims().lock()), "share.delivery.count.limit",
                Integer.toString(settings.claims().deliveryLimit() + TELLING), "errors.deadletterqueue.topic.name",
                deadLetters(settings), "errors.deadletterqueue.copy.record.enable", "true");
        ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, settings.group());
        Config now = Objects.requireNonNull(admin.describeConfigs(List.of(group)).all().get().get(group));
        List<AlterConfigOp> changes = new ArrayList<>();
        wanted.forEach((name, value) -> {
            ConfigEntry entry = now.get(name);
            if (entry == null || !value.equals(entry.value())) {
                changes.add(new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET));
            }
        });
        if (!changes.isEmpty()) {
            admin.incrementalAlterConfigs(Map.of(group, (Collection<AlterConfigOp>) changes)).all().get();
        }
    }

    /** A topic just made may not be known to every broker at once, so this asks again for a while. */
    private static Map<String, Integer> partitions(Admin admin, List<String> names)
            throws ExecutionException, InterruptedException {
        for (int attempt = 1;; attempt++) {
            try {
                Map<String, Integer> partitions = new HashMap<>();
                admin.describeTopics(names)
                    .allTopicNames()
                    .get()
                    .forEach((name, topic) -> partitions.put(name, topic.partitions().size()));
                return partitions;
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException) || attempt == 50) {
                    throw e;
                }
                Thread.sleep(100);
            }
        }
    }

    private static String millis(Duration duration) {
        return Long.toString(duration.toMillis());
    }
}
