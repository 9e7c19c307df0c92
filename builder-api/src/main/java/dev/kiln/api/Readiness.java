package dev.kiln.api;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

import dev.kiln.api.builds.BuildLedger;
import dev.kiln.queue.EventLog;
import dev.kiln.queue.EventLog.Cursor;
import dev.kiln.queue.EventLog.From;
import dev.kiln.queue.QueueException;

/**
 * Whether requests can be served: the broker answers and the ledger knows all builds. The broker is asked at most once a
 * second, whatever number of probes come. Safe for many threads.
 */
final class Readiness {
    private static final Duration FRESH = Duration.ofSeconds(1);

    private final EventLog events;
    private final BuildLedger ledger;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private Instant asked = Instant.MIN;
    private Optional<String> brokerProblem = Optional.empty();

    Readiness(EventLog events, BuildLedger ledger, InstantSource clock) {
        this.events = events;
        this.ledger = ledger;
        this.clock = clock;
    }

    /** What is missing; nothing when requests can be served. */
    List<String> missing() {
        List<String> missing = new ArrayList<>();
        broker().ifPresent(missing::add);
        if (!ledger.caughtUp()) {
            missing.add("the log of builds is still being read");
        }
        return missing;
    }

    private Optional<String> broker() {
        lock.lock();
        try {
            if (asked.isBefore(clock.instant().minus(FRESH))) {
                brokerProblem = ask();
                asked = clock.instant();
            }
            return brokerProblem;
        } finally {
            lock.unlock();
        }
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
