package dev.kiln.queue.kafka;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

import dev.kiln.queue.EventLog.Recorded;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.event.Attempts;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.event.Permission;
import dev.kiln.queue.job.BuildId;

/**
 * What was seen of one build's events, and what was asked about them.
 *
 * <p>A build's first event need not be {@code Queued}: its job is submitted at the same time, and whoever takes it may be
 * faster. So the guess at where its events begin is good as soon as {@code Queued} was seen anywhere behind it.
 */
final class WatchedBuild {
    private static final long UNKNOWN = -1;

    private final TopicPartition partition;
    private final BuildId build;
    private final Map<Long, Permission> verdicts = new HashMap<>();
    private final Map<Long, CompletableFuture<Permission>> questions = new HashMap<>();
    private Attempts attempts = new Attempts();
    private long next = UNKNOWN;
    /** Nothing has shown yet that reading began early enough: {@code Queued} was not seen. */
    private boolean guessed = true;
    /** The guess was wrong. */
    private boolean fromBeginning;
    private boolean restart;

    WatchedBuild(TopicPartition partition, BuildId build) {
        this.partition = partition;
        this.build = build;
    }

    TopicPartition partition() {
        return partition;
    }

    String key() {
        return build.value();
    }

    synchronized boolean isIdle() {
        return questions.isEmpty();
    }

    synchronized boolean isOver() {
        return attempts.outcome().isPresent() && questions.isEmpty();
    }

    /** True once after the start was found to be guessed wrong. */
    synchronized boolean mustRestart() {
        boolean now = restart;
        restart = false;
        return now;
    }

    synchronized CompletableFuture<Permission> judge(long position) {
        Permission verdict = verdicts.get(position);
        if (verdict != null) {
            return CompletableFuture.completedFuture(verdict);
        }
        return questions.computeIfAbsent(position, p -> new CompletableFuture<>());
    }

    /** Where reading is to begin or to go on. */
    synchronized long next(Consumer<String, byte[]> reader) {
        if (next == UNKNOWN) {
            next = fromBeginning
                    ? BuildStart.beginning(reader, partition)
                    : BuildStart.guess(reader, partition, build);
        }
        return next;
    }

    synchronized void advance(long position) {
        if (next != UNKNOWN) {
            next = Math.max(next, position);
        }
    }

    synchronized void take(ConsumerRecord<String, byte[]> record) {
        if (next == UNKNOWN || record.offset() < next) {
            return;
        }
        next = record.offset() + 1;
        List<Recorded> read = new ArrayList<>(1);
        EventCursor.read(record, read);
        read.forEach(recorded -> take(recorded.position(), recorded.event()));
    }

    private void take(long position, BuildEvent event) {
        if (event instanceof BuildEvent.Queued) {
            guessed = false;
        }
        if (guessed && event instanceof BuildEvent.Publishing) {
            startOver();
            return;
        }
        if (event instanceof BuildEvent.Publishing publishing) {
            Permission permission = attempts.judge(publishing);
            verdicts.put(position, permission);
            CompletableFuture<Permission> question = questions.remove(position);
            if (question != null) {
                question.complete(permission);
            }
        } else {
            var _ = attempts.counts(event);
        }
    }

    /** Until the reader is placed anew, what it gives still is passed over. */
    private void startOver() {
        guessed = false;
        fromBeginning = true;
        restart = true;
        next = UNKNOWN;
        attempts = new Attempts();
    }

    synchronized void fail(QueueException problem) {
        questions.values().forEach(question -> question.completeExceptionally(problem));
        questions.clear();
    }
}
