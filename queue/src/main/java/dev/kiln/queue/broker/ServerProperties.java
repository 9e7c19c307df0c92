package dev.kiln.queue.broker;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.Properties;

/** What does not change from start to start in the broker's configuration. */
final class ServerProperties {
    /**
     * One node holds everything once, so all replication factors are 1. Each internal topic has one partition: every
     * partition is a directory with open files, and dozens of empty ones are most of a first start. Heartbeats of share
     * groups are short, because a new member gets its partitions with its second one, and so is the wait before a group
     * that a crash left half made is made again. The bounds on locks are wider than Kafka's, so that
     * {@code KafkaSettings} decide. The broker's own session is short, because after a crash the next broker is admitted
     * only when that of the former has ended (9 s by default). The log cleaner's buffer would take half the heap.
     */
    private static final String FIXED = """
            process.roles=broker,controller
            node.id=1
            listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
            inter.broker.listener.name=BROKER
            controller.listener.names=CONTROLLER
            broker.session.timeout.ms=2000
            broker.heartbeat.interval.ms=400
            auto.create.topics.enable=false
            num.network.threads=2
            num.io.threads=4
            background.threads=2
            log.cleaner.dedupe.buffer.size=2097152
            offsets.topic.replication.factor=1
            offsets.topic.num.partitions=1
            transaction.state.log.replication.factor=1
            transaction.state.log.min.isr=1
            transaction.state.log.num.partitions=1
            share.coordinator.state.topic.replication.factor=1
            share.coordinator.state.topic.min.isr=1
            share.coordinator.state.topic.num.partitions=1
            group.share.min.heartbeat.interval.ms=500
            group.share.heartbeat.interval.ms=1000
            group.share.assignment.interval.ms=0
            group.share.initialize.retry.interval.ms=1000
            group.share.min.record.lock.duration.ms=1000
            group.share.max.size=1000
            group.initial.rebalance.delay.ms=0
            """;

    private ServerProperties() {}

    static Properties load() {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(FIXED));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }
}
