package dev.kiln.api.builds;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;

import org.jspecify.annotations.Nullable;

import dev.kiln.queue.BuildRecords.BuildRecord;
import dev.kiln.queue.EventLog.Recorded;
import dev.kiln.queue.event.Attempts;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.BuildRequest;

/**
 * What the ledger knows of one build. Guarded by the ledger's lock, but for {@link #record}.
 *
 * <p>The tail holds the build's newest events that count, gapless after {@link #droppedUpTo}.
 */
final class LedgerEntry {
    private static final int MAX_STARTS = 32;

    /** Signalled when an event came. */
    final Condition changed;
    private final Attempts attempts = new Attempts();
    private final List<Recorded> starts = new ArrayList<>(1);
    private final Deque<Recorded> tail = new ArrayDeque<>(4);
    private long droppedUpTo = -1;
    private long lastPosition = -1;
    private long lastCounted = -1;
    private long outcomePosition = Long.MAX_VALUE;
    private Optional<BuildEvent.Started> firstStart = Optional.empty();
    private Optional<BuildEvent.Final> outcome = Optional.empty();
    private volatile @Nullable BuildRecord record;

    LedgerEntry(Condition changed) {
        this.changed = changed;
    }

    /** Takes what a former process recorded. */
    void load(BuildRecord stored) {
        firstStart = stored.started();
        outcome = stored.outcome();
        record = stored;
        firstStart.ifPresent(attempts::counts);
    }

    /** Notes that the build was accepted; says whether that is news. */
    boolean accept(BuildRequest request, long position) {
        if (record != null) {
            return false;
        }
        record = new BuildRecord(request, position, firstStart, outcome);
        return true;
    }

    /** Takes the next event; says whether it counts and was not seen before. */
    boolean take(Recorded recorded) {
        if (recorded.position() <= lastPosition) {
            return false;
        }
        lastPosition = recorded.position();
        if (!attempts.counts(recorded.event())) {
            return false;
        }
        switch (recorded.event()) {
            case BuildEvent.Queued queued -> accept(queued.request(), recorded.position());
            case BuildEvent.Started started -> start(recorded, started);
            case BuildEvent.Final end -> end(recorded, end);
            case BuildEvent.VertexAdded _,BuildEvent.VertexStarted _,BuildEvent.VertexCached _ -> {
            }
            case BuildEvent.VertexMissed _,BuildEvent.VertexCompleted _,BuildEvent.VertexLog _,BuildEvent.Warning _ -> {
            }
            case BuildEvent.Publishing _,BuildEvent.Pushed _,BuildEvent.Exported _,BuildEvent.CancelRequested _ -> {
            }
        }
        lastCounted = recorded.position();
        tail.add(recorded);
        return true;
    }

    private void start(Recorded recorded, BuildEvent.Started started) {
        if (starts.size() == MAX_STARTS) {
            starts.removeFirst();
        }
        starts.add(recorded);
        if (firstStart.isEmpty()) {
            firstStart = Optional.of(started);
            refresh();
        }
    }

    private void end(Recorded recorded, BuildEvent.Final end) {
        outcomePosition = recorded.position();
        if (outcome.isEmpty()) {
            outcome = Optional.of(end);
            refresh();
        }
    }

    private void refresh() {
        BuildRecord old = record;
        if (old != null) {
            record = new BuildRecord(old.request(), old.firstPosition(), firstStart, outcome);
        }
    }

    /** The oldest event of the tail goes. */
    void drop() {
        droppedUpTo = tail.removeFirst().position();
    }

    /** Empty when the tail no longer has all events after {@code position}. */
    Optional<List<Recorded>> after(long position) {
        if (position < droppedUpTo) {
            return Optional.empty();
        }
        List<Recorded> found = new ArrayList<>();
        for (Iterator<Recorded> newest = tail.descendingIterator(); newest.hasNext();) {
            Recorded recorded = newest.next();
            if (recorded.position() <= position) {
                break;
            }
            found.add(recorded);
        }
        return Optional.of(found.reversed());
    }

    /** The start that was the latest at {@code position}. */
    Optional<BuildEvent> startAt(long position) {
        Optional<BuildEvent> latest = firstStart.map(start -> start);
        for (Recorded start : starts) {
            if (start.position() <= position) {
                latest = Optional.of(start.event());
            }
        }
        return latest;
    }

    /** Where the latest attempt begins; -1 when none that is known has begun. */
    long latestStart() {
        return starts.isEmpty() ? -1 : starts.getLast().position();
    }

    long droppedUpTo() {
        return droppedUpTo;
    }

    /** Where the newest event stands that counts; -1 when there is none in the log. */
    long lastCounted() {
        return lastCounted;
    }

    /** Where the outcome stands in the log; the largest number when that is not known. */
    long outcomePosition() {
        return outcomePosition;
    }

    /** The build as it stands, as soon as its request is known; from any thread. */
    Optional<BuildRecord> record() {
        return Optional.ofNullable(record);
    }
}
