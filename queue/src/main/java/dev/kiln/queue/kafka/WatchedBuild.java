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
import dev.kiln.queue.job.BuildId;

/** What was seen of one build's events, and what was asked about them. */
final class WatchedBuild {
    private static final long UNKNOWN = -1;

    private final TopicPartition partition;
    private final BuildId build;
    private final Map<Long, Boolean> verdicts = new HashMap<>();
    private final Map<Long, CompletableFuture<Boolean>> questions = new HashMap<>();
    private Attempts attempts = new Attempts();
    private long next = UNKNOWN;
    private boolean guessed = true;
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

    synchronized CompletableFuture<Boolean> counts(long position) {
        Boolean verdict = verdicts.get(position);
        if (verdict != null) {
            return CompletableFuture.completedFuture(verdict);
        }
        return questions.computeIfAbsent(position, p -> new CompletableFuture<>());
    }

    /** Where reading is to begin or to go on. */
    synchronized long next(Consumer<String, byte[]> reader) {
        if (next == UNKNOWN) {
            next = BuildStart.guess(reader, partition, build);
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
        if (guessed) {
            guessed = false;
            if (!(event instanceof BuildEvent.Queued)) {
                restart = true;
                next = 0;
                attempts = new Attempts();
                return;
            }
        }
        boolean counts = attempts.counts(event);
        if (event instanceof BuildEvent.Publishing) {
            verdicts.put(position, counts);
            CompletableFuture<Boolean> question = questions.remove(position);
            if (question != null) {
                question.complete(counts);
            }
        }
    }

    synchronized void fail(QueueException problem) {
        questions.values().forEach(question -> question.completeExceptionally(problem));
        questions.clear();
    }
}
