package dev.kiln.queue.kafka;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

import dev.kiln.queue.QueueException;

/**
 * Where a member's thread and all others meet: who waits for a build, what is wished for the one that is held, and how
 * the member stands. Each field is guarded by the one lock; nobody waits for Kafka while holding it.
 */
final class Desk {
    /** What is to become of the record; {@code done} with true when the broker knows, with false when it is elsewhere. */
    record Wish(AcknowledgeType type, CompletableFuture<Boolean> done) {
        static Wish of(AcknowledgeType type) {
            return new Wish(type, new CompletableFuture<>());
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean wanted;
    private @Nullable KafkaClaim ready;
    private @Nullable KafkaClaim current;
    private boolean aside;
    private @Nullable Wish wish;
    private boolean delaying;
    private long dueAt;
    private boolean fetching;
    private boolean woken;
    private boolean closing;
    private boolean retiring;
    private boolean finished;
    private @Nullable QueueException failure;
    private Runnable afterFinish = () -> {};

    @Nullable
    KafkaClaim take(Duration atMost) throws QueueException {
        lock.lock();
        try {
            wanted = ready == null;
            changed.signalAll();
            long left = atMost.toNanos();
            while (ready == null && !finished && !aside && left > 0) {
                left = changed.awaitNanos(left);
            }
            KafkaClaim claim = ready;
            ready = null;
            if (claim == null && failure != null) {
                throw failure;
            }
            return claim;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** Puts a wish for the claim's record; empty when that is not here. */
    Optional<CompletableFuture<Boolean>> ask(KafkaClaim claim, AcknowledgeType type) {
        lock.lock();
        try {
            if (current != claim || finished) {
                return Optional.empty();
            }
            Wish asked = Wish.of(type);
            wish = asked;
            changed.signalAll();
            return Optional.of(asked.done);
        } finally {
            lock.unlock();
        }
    }

    /** Lets the claim's record be released at that time; false when it is not here. */
    boolean delay(KafkaClaim claim, long until) {
        lock.lock();
        try {
            if (current != claim || finished) {
                return false;
            }
            delaying = true;
            aside = true;
            dueAt = until;
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    boolean isBusy() {
        return locked(() -> aside);
    }

    boolean isFinished() {
        return locked(() -> finished);
    }

    boolean retire(Runnable after) {
        lock.lock();
        try {
            if (!aside || finished) {
                return false;
            }
            retiring = true;
            afterFinish = after;
            return true;
        } finally {
            lock.unlock();
        }
    }

    void close(Runnable wakeup) {
        lock.lock();
        try {
            closing = true;
            changed.signalAll();
            if (fetching) {
                woken = true;
                wakeup.run();
            }
        } finally {
            lock.unlock();
        }
    }

    /** For the member's thread: waits until there is something to do; false when it is to end. */
    boolean awaitWork(boolean holding, BooleanSupplier seeks) {
        lock.lock();
        try {
            while (!closing && !holding && !wanted && !seeks.getAsBoolean()) {
                changed.awaitUninterruptibly();
            }
            return !closing;
        } finally {
            lock.unlock();
        }
    }

    /** For the member's thread: fetches in a way that closing interrupts. */
    <T> Optional<T> fetching(Supplier<Optional<T>> fetch) {
        if (!locked(() -> fetching = !closing)) {
            return Optional.empty();
        }
        try {
            return fetch.get();
        } catch (WakeupException e) {
            locked(() -> woken = false);
            return Optional.empty();
        } finally {
            locked(() -> fetching = false);
        }
    }

    /** For the member's thread: lets a wakeup that came too late hit {@code call} instead of something that matters. */
    void drainWakeup(Runnable call) {
        if (locked(() -> woken)) {
            try {
                call.run();
            } catch (WakeupException e) {
                locked(() -> woken = false);
            }
        }
    }

    /** For the member's thread: a build has come; false when nobody has asked for one. */
    boolean offer(KafkaClaim claim) {
        lock.lock();
        try {
            if (!wanted) {
                return false;
            }
            wanted = false;
            ready = claim;
            current = claim;
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** For the member's thread: an orphan has come, which is nobody's to take. */
    void adopt(KafkaClaim claim) {
        lock.lock();
        try {
            wanted = false;
            current = claim;
            aside = true;
            wish = claim.ending().map(Wish::of).orElse(null);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** For the member's thread: waits for a wish, at most that long. */
    Optional<Wish> awaitWish(long nanos) {
        lock.lock();
        try {
            long deadline = System.nanoTime() + nanos;
            while (wish == null && !closing) {
                long now = System.nanoTime();
                if (delaying && dueAt - now <= 0) {
                    return Optional.of(Wish.of(AcknowledgeType.RELEASE));
                }
                long left = Math.min(deadline - now, delaying ? dueAt - now : Long.MAX_VALUE);
                if (left <= 0 || changed.awaitNanos(left) <= 0 && !delaying) {
                    break;
                }
            }
            Wish asked = wish;
            wish = null;
            return Optional.ofNullable(asked);
        } catch (InterruptedException e) {
            closing = true;
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /** For the member's thread: the record is gone; who has a wish for it must ask elsewhere. */
    void drop() {
        lock.lock();
        try {
            current = null;
            ready = null;
            aside = false;
            delaying = false;
            closing |= retiring;
            if (wish != null) {
                wish.done.complete(false);
                wish = null;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** For the member's thread: drops the record if its claim was not handed to anybody yet. */
    boolean dropUntaken(KafkaClaim claim) {
        lock.lock();
        try {
            if (ready != claim) {
                return false;
            }
            drop();
            return true;
        } finally {
            lock.unlock();
        }
    }

    void fail(QueueException problem) {
        locked(() -> {
            failure = problem;
            return true;
        });
    }

    void finish() {
        drop();
        locked(() -> {
            finished = true;
            changed.signalAll();
            return true;
        });
        afterFinish.run();
    }

    private boolean locked(BooleanSupplier action) {
        lock.lock();
        try {
            return action.getAsBoolean();
        } finally {
            lock.unlock();
        }
    }
}
