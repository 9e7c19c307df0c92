package dev.kiln.queue.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the share group before the first build comes. The first member of a new group waits seconds for its partitions,
 * because the broker makes internal topics first. So this sets where the group begins, in the background, and asks for it,
 * which has all of that made. A consumer that joined and left would do so too, but could be handed a build on the way.
 */
final class GroupWarmer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GroupWarmer.class);
    private static final int ATTEMPTS = 20;
    private static final Duration PAUSE = Duration.ofMillis(300);

    private final KafkaClients clients;
    private final KafkaTopics topics;
    private final Thread thread;

    private GroupWarmer(KafkaClients clients, KafkaTopics topics) {
        this.clients = clients;
        this.topics = topics;
        this.thread = Thread.ofVirtual().name("group-warmer").unstarted(this::run);
    }

    static GroupWarmer start(KafkaClients clients, KafkaTopics topics) {
        GroupWarmer warmer = new GroupWarmer(clients, topics);
        warmer.thread.start();
        return warmer;
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        String group = topics.settings().group();
        try (Admin admin = clients.admin()) {
            if (!exists(admin, group)) {
                admin.alterShareGroupOffsets(group, beginnings(admin)).all().get();
                admin.listShareGroupOffsets(Map.of(group, new ListShareGroupOffsetsSpec()))
                    .partitionsToOffsetInfo(group)
                    .get();
            }
        } catch (InterruptedException e) {
            LOG.debug("closed before the share group was ready");
        } catch (KafkaException | ExecutionException e) {
            if (e.getCause() instanceof GroupNotEmptyException) {
                LOG.debug("an executor was quicker");
            } else {
                LOG.warn("the share group could not be prepared; the first build may wait a few seconds: {}",
                        e.getMessage());
            }
        }
    }

    /** False when the group's coordinator does not know of the topic, which may just have been made. */
    private boolean create(Admin admin, String group) throws ExecutionException, InterruptedException {
        try {
            admin.alterShareGroupOffsets(group, beginnings(admin)).all().get();
            admin.listShareGroupOffsets(Map.of(group, new ListShareGroupOffsetsSpec()))
                .partitionsToOffsetInfo(group)
                .get();
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return false;
            }
            throw e;
        }
    }

    private static boolean exists(Admin admin, String group) throws ExecutionException, InterruptedException {
        try {
            return Objects.requireNonNull(admin.describeShareGroups(List.of(group)).describedGroups().get(group))
                .get()
                .groupState() != GroupState.DEAD;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return false;
            }
            throw e;
        }
    }

    private Map<TopicPartition, Long> beginnings(Admin admin) throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> questions = IntStream.range(0, topics.partitionsOf(topics.jobs()))
            .boxed()
            .collect(Collectors.toMap(number -> new TopicPartition(topics.jobs(), number), n -> OffsetSpec.earliest()));
        Map<TopicPartition, Long> beginnings = new HashMap<>();
        admin.listOffsets(questions)
            .all()
            .get()
            .forEach((partition, found) -> beginnings.put(partition, found.offset()));
        return beginnings;
    }
}
