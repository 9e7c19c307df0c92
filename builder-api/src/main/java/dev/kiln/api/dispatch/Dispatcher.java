package dev.kiln.api.dispatch;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.queue.BacklogEntry;
import dev.kiln.queue.BacklogEntry.Standing;
import dev.kiln.queue.Backlogs;
import dev.kiln.queue.Cancellations;
import dev.kiln.queue.Cancellations.Cancellation;
import dev.kiln.queue.EventLog;
import dev.kiln.queue.JobQueue;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.Upkeep;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.QueueOptions;
import dev.kiln.queue.upkeep.UpkeepMessage.Presence;

/**
 * Hands jobs to executors, as many as they have slots and one more each, so that order is decided as late as can be and no
 * slot waits for this process. It also ends builds that wait and are to be cancelled, has builds cancelled that a newer one
 * supersedes, and puts aside what failed for no fault of its own.
 *
 * <p>All that it knows stands in the backlog and in the log of events, so another process goes on where it was killed. A
 * job that was handed out just before that may be handed out again: two attempts may run, one may publish.
 */
public final class Dispatcher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    /** At the latest after this time it looks again. */
    private static final Duration REST = Duration.ofSeconds(1);
    private static final Duration AFTER_TROUBLE = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** What is shared with all other processes. */
    public record Shared(Backlogs backlogs, JobQueue jobs, EventLog events, Cancellations cancellations,
            Upkeep upkeep) {}

    private final Shared shared;
    private final Outcomes outcomes;
    private final InstantSource clock;
    private final Lineup lineup;
    private final LiveExecutors executors;
    private final Semaphore news = new Semaphore(0);
    private final List<AutoCloseable> listening = new ArrayList<>();
    private final Thread thread;
    private volatile boolean closed;

    public Dispatcher(Shared shared, Outcomes outcomes, TenantRules rules, InstantSource clock) {
        this.shared = shared;
        this.outcomes = outcomes;
        this.clock = clock;
        this.lineup = new Lineup(rules);
        this.executors = new LiveExecutors(shared.upkeep(), clock, news::release);
        this.thread = Thread.ofVirtual().name("dispatcher").unstarted(this::run);
    }

    /** Begins; call once. */
    public void start() {
        listening.add(shared.backlogs().open().listen(news::release));
        listening.add(shared.cancellations().listen(_ -> news.release()));
        listening.add(outcomes.listen(news::release));
        thread.start();
    }

    /** Executors that were heard of lately. */
    List<Presence> executors() {
        return executors.all();
    }

    private void run() {
        while (!closed) {
            try {
                if (shared.backlogs().leadership().leads() && outcomes.caughtUp()) {
                    round();
                }
                var _ = news.tryAcquire(REST.toMillis(), TimeUnit.MILLISECONDS);
                news.drainPermits();
            } catch (QueueException | RuntimeException e) {
                LOG.warn("handing out builds is in trouble, trying again", e);
                pause();
            } catch (InterruptedException _) {
                return;
            }
        }
    }

    private void pause() {
        try {
            Thread.sleep(AFTER_TROUBLE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void round() throws QueueException {
        List<BacklogEntry> left = new ArrayList<>();
        for (BacklogEntry entry : shared.backlogs().open().entries()) {
            if (!settle(entry)) {
                left.add(entry);
            }
        }
        supersede(left);
        handOut(left);
    }

    /** Says whether the build has ended, or was ended now. */
    private boolean settle(BacklogEntry entry) throws QueueException {
        Optional<BuildEvent.Final> outcome = outcomes.outcome(entry.build());
        if (outcome.isPresent()) {
            if (outcome.get() instanceof BuildEvent.Failed failed && failed.retryable()) {
                shared.backlogs().dead().put(entry.dead(clock.instant(), failed.message()));
                LOG.warn("build={} reason={} put aside", entry.build(), failed.reason());
            }
            shared.backlogs().open().remove(entry.build());
            return true;
        }
        Optional<Cancellation> wish = shared.cancellations().of(entry.build());
        if (wish.isPresent() && entry.standing() == Standing.WAITING) {
            append(new BuildEvent.Cancelled(entry.build(), clock.instant(), Optional.empty(), wish.get().reason(),
                    Optional.empty()));
            shared.backlogs().open().remove(entry.build());
            LOG.info("build={} cancelled while it waited", entry.build());
            return true;
        }
        return false;
    }

    private record Key(String tenant, String key) {}

    /** Of builds with one key only the newest stays wished for. */
    private void supersede(List<BacklogEntry> entries) throws QueueException {
        Map<Key, BacklogEntry> newest = new HashMap<>();
        for (BacklogEntry entry : entries) {
            QueueOptions options = entry.job().request().queueing();
            if (options.supersede().isEmpty()) {
                continue;
            }
            BacklogEntry before = newest.put(new Key(options.tenant(), options.supersede().get()), entry);
            if (before != null) {
                cancel(before, entry);
            }
        }
    }

    private void cancel(BacklogEntry entry, BacklogEntry newer) throws QueueException {
        if (shared.cancellations().of(entry.build()).isEmpty()) {
            String reason = "superseded by build " + newer.build();
            append(new BuildEvent.CancelRequested(entry.build(), clock.instant(), reason));
            shared.cancellations().request(new Cancellation(entry.build(), reason));
            LOG.info("build={} by={} superseded", entry.build(), newer.build());
        }
    }

    /** Returns when the event is durable: only then may what hangs on it follow. */
    private void append(BuildEvent event) throws QueueException {
        try {
            var _ = shared.events().append(event).toCompletableFuture().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new QueueException(QueueException.Code.UNAVAILABLE,
                    "tell of build " + event.build() + ": the broker did not confirm the event", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QueueException(QueueException.Code.UNAVAILABLE,
                    "tell of build " + event.build() + ": interrupted", e);
        }
    }

    private void handOut(List<BacklogEntry> entries) throws QueueException {
        int out = (int) entries.stream().filter(entry -> entry.standing() == Standing.HANDED_OUT).count();
        int room = executors.all().stream().mapToInt(executor -> executor.slots() + 1).sum() - out;
        Lineup.Round round = lineup.round(entries.stream().filter(this::isWanted).toList(), clock.instant());
        for (; room > 0 && !closed; room--) {
            Optional<BacklogEntry> next = round.next();
            if (next.isEmpty()) {
                return;
            }
            shared.jobs().submit(next.get().job());
            shared.backlogs().open().put(next.get().handedOut(clock.instant()));
            LOG.debug("build={} handed out", next.get().build());
        }
    }

    private boolean isWanted(BacklogEntry entry) {
        return entry.standing() == Standing.HANDED_OUT || shared.cancellations().of(entry.build()).isEmpty();
    }

    /** Ends between two steps, not between a job that was handed out and the note of it. */
    @Override
    public void close() {
        closed = true;
        news.release();
        try {
            if (thread.isAlive()) {
                thread.join();
            }
            for (AutoCloseable one : listening) {
                one.close();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            throw new IllegalStateException("a listener could not be taken off", e);
        }
        executors.close();
    }
}
