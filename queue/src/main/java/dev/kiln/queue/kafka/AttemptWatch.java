package dev.kiln.queue.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.queue.QueueException;
import dev.kiln.queue.event.Permission;
import dev.kiln.queue.job.BuildId;

/**
 * Reads along with the builds whose attempts run in this process, so that the question before publishing is answered
 * within milliseconds and not by reading a long build's log once more. One consumer and one thread for all builds;
 * idle while there are none.
 */
final class AttemptWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AttemptWatch.class);
    private static final Duration STEP = Duration.ofSeconds(1);
    private static final Duration RETRY_PAUSE = Duration.ofMillis(500);
    private static final int MAX_BUILDS = 256;

    private final Supplier<Consumer<String, byte[]>> readers;
    private final Thread thread;
    private final Map<String, WatchedBuild> builds = new LinkedHashMap<>();
    private @Nullable Consumer<String, byte[]> consumer;
    private boolean placed = true;
    private boolean closed;

    AttemptWatch(Supplier<Consumer<String, byte[]>> readers) {
        this.readers = readers;
        this.thread = Thread.ofVirtual().name("attempt-watch").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Begins to read along with a build, if that has not begun. */
    synchronized WatchedBuild follow(TopicPartition partition, BuildId build) {
        WatchedBuild known = builds.get(build.value());
        if (known != null) {
            return known;
        }
        if (builds.size() >= MAX_BUILDS) {
            builds.values()
                .stream()
                .filter(WatchedBuild::isIdle)
                .findFirst()
                .ifPresent(eldest -> builds.remove(eldest.key()));
        }
        WatchedBuild fresh = new WatchedBuild(partition, build);
        builds.put(build.value(), fresh);
        changed();
        return fresh;
    }

    /** What the event at {@code position} is worth, as soon as all before it were seen. */
    synchronized CompletableFuture<Permission> judge(TopicPartition partition, BuildId build, long position) {
        return follow(partition, build).judge(position);
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            changed();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void changed() {
        placed = false;
        notifyAll();
        if (consumer != null) {
            consumer.wakeup();
        }
    }

    private void run() {
        while (awaitBuilds()) {
            try (Consumer<String, byte[]> reader = open()) {
                while (awaitBuilds()) {
                    step(reader);
                }
            } catch (RetriableException e) {
                LOG.warn("Kafka does not answer; reading along with running builds is tried again: {}", e.getMessage());
                pause();
            } catch (KafkaException e) {
                LOG.error("reading along with running builds failed", e);
                giveUp(KafkaErrors.translate("read along with running builds", e));
            }
        }
        giveUp(new QueueException(QueueException.Code.UNAVAILABLE, "the event log was closed"));
    }

    private synchronized Consumer<String, byte[]> open() {
        Consumer<String, byte[]> reader = readers.get();
        consumer = reader;
        placed = false;
        return reader;
    }

    private synchronized void giveUp(QueueException problem) {
        consumer = null;
        builds.values().forEach(build -> build.fail(problem));
        builds.clear();
    }

    private synchronized void pause() {
        try {
            wait(RETRY_PAUSE.toMillis());
        } catch (InterruptedException e) {
            closed = true;
        }
    }

    private synchronized boolean awaitBuilds() {
        try {
            while (!closed && builds.isEmpty()) {
                wait();
            }
        } catch (InterruptedException e) {
            closed = true;
        }
        return !closed;
    }

    private void step(Consumer<String, byte[]> reader) {
        try {
            List<WatchedBuild> unplaced = takeUnplaced();
            if (!unplaced.isEmpty()) {
                place(reader, unplaced);
            }
            for (ConsumerRecord<String, byte[]> record : reader.poll(STEP)) {
                take(record);
            }
            advance(reader);
        } catch (WakeupException e) {
            LOG.debug("woken to look at other builds");
        }
    }

    /** All builds when their places in the log are to be taken anew; none when nothing has changed. */
    private synchronized List<WatchedBuild> takeUnplaced() {
        if (placed) {
            return List.of();
        }
        placed = true;
        return new ArrayList<>(builds.values());
    }

    private void place(Consumer<String, byte[]> reader, Collection<WatchedBuild> all) {
        try {
            Map<TopicPartition, Long> starts = new HashMap<>();
            for (WatchedBuild build : all) {
                starts.merge(build.partition(), build.next(reader), Math::min);
            }
            reader.assign(starts.keySet());
            starts.forEach(reader::seek);
        } catch (WakeupException e) {
            synchronized (this) {
                placed = false;
            }
            throw e;
        }
    }

    private synchronized void take(ConsumerRecord<String, byte[]> record) {
        WatchedBuild build = builds.get(record.key());
        if (build != null) {
            build.take(record);
            if (build.isOver()) {
                builds.remove(record.key());
            } else if (build.mustRestart()) {
                placed = false;
            }
        }
    }

    private synchronized void advance(Consumer<String, byte[]> reader) {
        for (WatchedBuild build : builds.values()) {
            if (reader.assignment().contains(build.partition())) {
                build.advance(reader.position(build.partition()));
            }
        }
    }
}
