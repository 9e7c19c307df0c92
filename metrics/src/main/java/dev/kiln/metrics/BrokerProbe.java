package dev.kiln.metrics;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.kiln.queue.EventLog;
import dev.kiln.queue.EventLog.Cursor;
import dev.kiln.queue.EventLog.From;
import dev.kiln.queue.QueueException;

/**
 * Whether the broker answers. It is asked at most once a second, one question at a time, whatever number of probes come; no
 * probe waits for longer than a second. Safe for many threads.
 */
public final class BrokerProbe {
    private static final Duration FRESH = Duration.ofSeconds(1);

    private final EventLog events;
    private final InstantSource clock;
    private Instant asked = Instant.MIN;
    private CompletableFuture<Optional<String>> answer = CompletableFuture.completedFuture(Optional.empty());

    public BrokerProbe(EventLog events, InstantSource clock) {
        this.events = events;
        this.clock = clock;
    }

    /** What is wrong with the broker, in words; nothing when it answers. */
    public Optional<String> problem() throws InterruptedException {
        try {
            return question().get(FRESH.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return Optional.of("the broker is away: it has not answered for " + FRESH.toSeconds() + " s");
        } catch (ExecutionException e) {
            throw new IllegalStateException("asking the broker failed in no known way", e);
        }
    }

    private synchronized CompletableFuture<Optional<String>> question() {
        Instant now = clock.instant();
        if (answer.isDone() && asked.isBefore(now.minus(FRESH))) {
            asked = now;
            answer = CompletableFuture.supplyAsync(this::ask, Thread::startVirtualThread);
        }
        return answer;
    }

    /** Opening a place in the log asks the broker where the log ends. */
    private Optional<String> ask() {
        try (Cursor _ = events.readAll(From.NOW)) {
            return Optional.empty();
        } catch (QueueException e) {
            return Optional.of("the broker is away: " + e.getMessage());
        }
    }
}
