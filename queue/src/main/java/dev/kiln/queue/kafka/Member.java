package dev.kiln.queue.kafka;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.queue.QueueException;
import dev.kiln.queue.QueueException.Code;

/**
 * One member of the share group: a consumer, the one thread that touches it, and at most one record.
 *
 * <p>The thread fetches when somebody waits for a build, and goes on until one comes even when that one went away: a
 * fetch that is under way may acquire a record, and it is better waited for than left to run out of its lock. Once there
 * is a record the thread renews its lock six times in the lock's length, and between renewals does what the claim's
 * holder asks. Everything else here is the handing over between that thread and others, under one lock.
 */
final class Member {
    private static final Logger LOG = LoggerFactory.getLogger(Member.class);
    private static final Duration FETCH_STEP = Duration.ofSeconds(1);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);

    /** What a holder wants; {@code done} when the broker knows. */
    private record Ending(KafkaClaim claim, AcknowledgeType type, CompletableFuture<Void> done) {}

    private final ShareConsumer<String, byte[]> consumer;
    private final String topic;
    private final Duration lockDuration;
    private final Duration patience;
    private final Consumer<Member> onFinish;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean wanted;
    private boolean closing;
    private boolean finished;
    private boolean delaying;
    private boolean retiring;
    private long dueAt;
    private @Nullable KafkaClaim ready;
    private @Nullable Ending ending;
    private @Nullable QueueException failure;
    private Runnable afterFinish = () -> {};

    /** Touched by the member's thread only. */
    private @Nullable HeldRecord held;

    Member(ShareConsumer<String, byte[]> consumer, String topic, Duration lockDuration, Duration patience,
            Consumer<Member> onFinish) {
        this.consumer = consumer;
        this.topic = topic;
        this.lockDuration = lockDuration;
        this.patience = patience;
        this.onFinish = onFinish;
        this.thread = Thread.ofVirtual().name("queue-member").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Waits for a build; null when none came in time. */
    @Nullable
    KafkaClaim take(Duration atMost) throws QueueException {
        lock.lock();
        try {
            wanted = true;
            changed.signalAll();
            long left = atMost.toNanos();
            while ((ready == null || ready.isOver()) && !finished && left > 0) {
                left = changed.awaitNanos(left);
            }
            KafkaClaim claim = ready == null || ready.isOver() ? null : ready;
            ready = null;
            if (claim == null && failure != null) {
                throw failure;
            }
            wanted = claim == null;
            return claim;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } finally {
            lock.unlock();
        }
    }

    void complete(KafkaClaim claim) throws QueueException {
        end(new Ending(claim, AcknowledgeType.ACCEPT, new CompletableFuture<>()),
                "complete build " + claim.request().id());
    }

    /** With a delay the record stays here until it is due, and this returns at once. */
    void giveBack(KafkaClaim claim, Duration delay) throws QueueException {
        if (delay.isPositive()) {
            lock.lock();
            try {
                delaying = true;
                dueAt = System.nanoTime() + delay.toNanos();
                changed.signalAll();
            } finally {
                lock.unlock();
            }
            return;
        }
        end(new Ending(claim, AcknowledgeType.RELEASE, new CompletableFuture<>()),
                "give back build " + claim.request().id());
    }

    boolean isDelaying() {
        return locked(() -> delaying);
    }

    boolean isFinished() {
        return locked(() -> finished);
    }

    /** Lets this member finish when its delay has passed; false when that is so already. */
    boolean retire(Runnable after) {
        lock.lock();
        try {
            if (!delaying || finished) {
                after.run();
                return false;
            }
            retiring = true;
            afterFinish = after;
            return true;
        } finally {
            lock.unlock();
        }
    }

    void startClosing() {
        lock.lock();
        try {
            closing = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        consumer.wakeup();
    }

    void awaitFinish() {
        try {
            if (!thread.join(CLOSE_PATIENCE.multipliedBy(2))) {
                LOG.warn("a queue member does not end; the broker will take its build back when its lock ends");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void end(Ending wish, String what) throws QueueException {
        lock.lock();
        try {
            if (finished) {
                throw new QueueException(Code.UNAVAILABLE, what + ": the queue is closed");
            }
            ending = wish;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            wish.done.get(patience.multipliedBy(2).toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException | InterruptedException e) {
            throw KafkaErrors.translate(what, e);
        }
    }

    private void run() {
        try {
            consumer.subscribe(List.of(topic));
            while (proceed()) {
                HeldRecord record = held;
                if (record == null) {
                    fetch();
                } else {
                    hold(record);
                }
            }
        } catch (KafkaException | IllegalStateException e) {
            LOG.error("a queue member failed", e);
            lock.lock();
            failure = KafkaErrors.translate("take a build", e);
            lock.unlock();
        } finally {
            finish();
        }
    }

    /** Waits until there is something to do; false when this is to end. */
    private boolean proceed() {
        lock.lock();
        try {
            while (!closing && held == null && !wanted) {
                changed.awaitUninterruptibly();
            }
            return !closing;
        } finally {
            lock.unlock();
        }
    }

    private void fetch() {
        try {
            HeldRecord record = HeldRecord.fetch(consumer, lockDuration, patience, FETCH_STEP);
            if (record == null || record.request() == null) {
                return;
            }
            held = record;
            lock.lock();
            try {
                ready = new KafkaClaim(this, record.request(), record.delivery());
                wanted = false;
                record.claim = ready;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        } catch (WakeupException e) {
            LOG.debug("a queue member was woken");
        }
    }

    private void hold(HeldRecord record) {
        Ending wish = awaitWish(record);
        try {
            if (wish != null) {
                end(record, wish);
            } else if (!record.renew()) {
                drop("its lock could not be renewed");
            }
        } catch (WakeupException e) {
            LOG.debug("a queue member was woken");
        }
    }

    /** Waits for a wish of the holder, but not beyond the next renewal. */
    private @Nullable Ending awaitWish(HeldRecord record) {
        lock.lock();
        try {
            long left = record.nanosToRenewal();
            while (ending == null && !closing && left > 0) {
                if (delaying) {
                    long toDue = dueAt - System.nanoTime();
                    if (toDue <= 0) {
                        return new Ending(record.claim(), AcknowledgeType.RELEASE, new CompletableFuture<>());
                    }
                    left = Math.min(left, toDue);
                }
                changed.awaitNanos(left);
                left = record.nanosToRenewal();
            }
            Ending wish = ending;
            ending = null;
            return wish;
        } catch (InterruptedException e) {
            closing = true;
            return null;
        } finally {
            lock.unlock();
        }
    }

    private void end(HeldRecord record, Ending wish) {
        try {
            record.end(wish.type);
            wish.done.complete(null);
        } catch (QueueException e) {
            wish.done.completeExceptionally(e);
        }
        drop("it was ended");
    }

    private void drop(String why) {
        HeldRecord record = held;
        held = null;
        Ending unanswered;
        lock.lock();
        try {
            delaying = false;
            closing |= retiring;
            unanswered = ending;
            ending = null;
        } finally {
            lock.unlock();
        }
        if (unanswered != null) {
            unanswered.done.complete(null);
        }
        if (record != null) {
            record.claim().lose(why);
        }
    }

    private void finish() {
        try {
            if (held != null) {
                held.release();
            }
            consumer.close(CLOSE_PATIENCE);
        } catch (KafkaException | IllegalStateException e) {
            LOG.warn("a queue member did not leave in order; the broker will notice", e);
        } finally {
            drop("the slot was closed");
            lock.lock();
            finished = true;
            changed.signalAll();
            lock.unlock();
            onFinish.accept(this);
            afterFinish.run();
        }
    }

    private boolean locked(java.util.function.BooleanSupplier question) {
        lock.lock();
        try {
            return question.getAsBoolean();
        } finally {
            lock.unlock();
        }
    }
}
