package dev.kiln.queue.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.queue.Leadership;

/**
 * Whoever is given the one partition of a topic leads. Nothing is read from it: the members of the group only tell the
 * broker that they live. A member that is killed is followed by another when its session ends, after six seconds.
 */
final class KafkaLeadership implements Leadership {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaLeadership.class);
    private static final Duration STEP = Duration.ofSeconds(1);
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(2);

    private final KafkaClients clients;
    private final String topic;
    private final Thread thread;
    private volatile @Nullable Consumer<String, byte[]> consumer;
    private volatile boolean leads;
    private volatile boolean closed;

    private KafkaLeadership(KafkaClients clients, String topic) {
        this.clients = clients;
        this.topic = topic;
        this.thread = Thread.ofVirtual().name("leadership").unstarted(this::run);
    }

    static KafkaLeadership open(KafkaClients clients, String topic) {
        KafkaLeadership leadership = new KafkaLeadership(clients, topic);
        leadership.thread.start();
        return leadership;
    }

    @Override
    public boolean leads() {
        return leads;
    }

    @Override
    public void close() {
        closed = true;
        Consumer<String, byte[]> member = consumer;
        if (member != null) {
            member.wakeup();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!closed) {
            try (Consumer<String, byte[]> member = clients.leader()) {
                consumer = member;
                member.subscribe(List.of(topic), new Listener(member));
                while (!closed) {
                    var nothing = member.poll(STEP);
                    LOG.trace("alive records={}", nothing.count());
                }
            } catch (WakeupException e) {
                LOG.debug("leadership ends");
            } catch (KafkaException e) {
                LOG.warn("the membership among those who may lead failed and is tried again", e);
                LockSupport.parkNanos(RETRY_PAUSE.toNanos());
            } finally {
                set(false);
            }
        }
    }

    private void set(boolean now) {
        if (leads != now) {
            leads = now;
            LOG.info(now ? "this process hands builds out" : "this process does not hand builds out any more");
        }
    }

    private final class Listener implements ConsumerRebalanceListener {
        private final Consumer<String, byte[]> consumer;

        Listener(Consumer<String, byte[]> consumer) {
            this.consumer = consumer;
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            consumer.pause(partitions);
            if (!partitions.isEmpty()) {
                set(true);
            }
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            set(false);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            set(false);
        }
    }
}
