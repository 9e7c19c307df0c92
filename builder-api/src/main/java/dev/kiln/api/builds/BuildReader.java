package dev.kiln.api.builds;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import dev.kiln.queue.BuildRecords.BuildRecord;
import dev.kiln.queue.EventLog.Cursor;
import dev.kiln.queue.EventLog.Recorded;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.event.Attempts;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.BuildId;

/**
 * A place in one build's events. It is fed from the ledger's tail; where the tail does not reach back far enough, from
 * the log, until it meets the tail again. Nothing piles up for a reader that is slow. Events of superseded attempts are
 * left out. Belongs to one thread, but any thread may close it.
 */
final class BuildReader implements AutoCloseable {
    private static final Duration LOG_PATIENCE = Duration.ofSeconds(5);

    private final BuildLedger ledger;
    private final BuildId build;
    private final LedgerEntry entry;
    private final Attempts attempts = new Attempts();
    private long position;
    private long droppedAtOpening;
    private boolean ended;
    private volatile boolean closed;
    private volatile @Nullable Cursor cursor;

    /** Under the ledger's lock. */
    BuildReader(BuildLedger ledger, BuildId build, LedgerEntry entry, long position) {
        this.ledger = ledger;
        this.build = build;
        this.entry = entry;
        this.position = position;
        this.ended = position >= entry.outcomePosition();
        entry.startAt(position).ifPresent(attempts::counts);
    }

    /** Whether the build's outcome was returned, or stood before the place where the reader began. */
    boolean ended() {
        return ended;
    }

    boolean isClosed() {
        return closed;
    }

    /** Whether old events are still being read from the log, so that nothing for now does not mean nothing more. */
    boolean readsLog() {
        return cursor != null;
    }

    /** Up to where this has read. */
    long position() {
        return position;
    }

    /** Up to where there is something to read, as far as is known now. */
    long knownUpTo() {
        ledger.lock().lock();
        try {
            return entry.lastCounted();
        } finally {
            ledger.lock().unlock();
        }
    }

    /** The outcome, when the build has one and its event is no longer in the log. */
    Optional<BuildEvent.Final> outcomeWithoutEvent() {
        return ledger.caughtUp() && !ended && position >= knownUpTo()
                ? entry.record().flatMap(BuildRecord::outcome)
                : Optional.empty();
    }

    /** The next events; empty when none came within {@code patience}, or the reader is closed. */
    List<Recorded> next(Duration patience) throws QueueException, InterruptedException {
        if (closed || ended) {
            return List.of();
        }
        Cursor reading = cursor;
        if (reading != null) {
            return fromLog(reading);
        }
        Optional<List<Recorded>> found = fromTail(patience);
        if (found.isPresent()) {
            return counting(found.get());
        }
        droppedAtOpening = droppedUpTo();
        Cursor opened = ledger.log().read(build, position);
        cursor = opened;
        if (closed) {
            opened.close();
        }
        return fromLog(opened);
    }

    private Optional<List<Recorded>> fromTail(Duration patience) throws InterruptedException {
        long left = patience.toNanos();
        ledger.lock().lock();
        try {
            while (true) {
                Optional<List<Recorded>> found = entry.after(position);
                if (found.isEmpty() || !found.get().isEmpty() || left <= 0 || closed) {
                    return found;
                }
                left = entry.changed.awaitNanos(left);
            }
        } finally {
            ledger.lock().unlock();
        }
    }

    private List<Recorded> fromLog(Cursor reading) throws QueueException {
        List<Recorded> read = reading.next(LOG_PATIENCE);
        List<Recorded> counting = counting(read);
        if (reading.caughtUp() && !ended) {
            // What the tail had dropped by then and the log did not have is gone for good.
            position = Math.max(position, droppedAtOpening);
        }
        if (reading.caughtUp() || ended || position >= droppedUpTo()) {
            cursor = null;
            reading.close();
        }
        return counting;
    }

    private long droppedUpTo() {
        ledger.lock().lock();
        try {
            return entry.droppedUpTo();
        } finally {
            ledger.lock().unlock();
        }
    }

    private List<Recorded> counting(List<Recorded> read) {
        List<Recorded> counting = new ArrayList<>(read.size());
        for (Recorded recorded : read) {
            if (recorded.position() > position) {
                position = recorded.position();
                if (attempts.counts(recorded.event())) {
                    counting.add(recorded);
                    ended = ended || recorded.event() instanceof BuildEvent.Final;
                }
            }
        }
        return counting;
    }

    /** Lets go whoever waits in {@link #next}. */
    @Override
    public void close() {
        closed = true;
        Cursor reading = cursor;
        if (reading != null) {
            reading.close();
        }
        ledger.lock().lock();
        try {
            entry.changed.signalAll();
        } finally {
            ledger.lock().unlock();
        }
        ledger.forget(this);
    }
}
