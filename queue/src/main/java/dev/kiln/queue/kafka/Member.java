package dev.kiln.queue.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
 * owner asks. When the broker has forgotten the record, the claim goes to the {@link Orphans}, and every member that has
 * nothing to do fetches until the records of all orphans were found or something else came.
 *
 * <p>What other threads ask for is handed over in the {@link Desk}.
 */
final class Member implements Holder {
    private static final Logger LOG = LoggerFactory.getLogger(Member.class);
    private static final Duration FETCH_STEP = Duration.ofSeconds(1);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);

    private final ShareConsumer<String, byte[]> consumer;
    private final String topic;
    private final Duration lock;
    private final Duration patience;
    private final Orphans orphans;
    private final Consumer<Member> onFinish;
    private final Thread thread;
    private final Desk desk = new Desk();

    /** Touched by the member's thread only, as is the next. */
    private @Nullable HeldRecord held;
    private boolean seeking;

    Member(ShareConsumer<String, byte[]> consumer, String topic, Duration lock, Duration patience, Orphans orphans,
            Consumer<Member> onFinish) {
        this.consumer = consumer;
        this.topic = topic;
        this.lock = lock;
        this.patience = patience;
        this.orphans = orphans;
        this.onFinish = onFinish;
        this.thread = Thread.ofVirtual().name("queue-member").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Waits for a build; null when none came in time, or when this is busy with one that is nobody's to take. */
    @Nullable
    KafkaClaim take(Duration atMost) throws QueueException {
        return desk.take(atMost);
    }

    @Override
    public boolean complete(KafkaClaim claim) throws QueueException {
        return end(claim, AcknowledgeType.ACCEPT, "complete build " + claim.request().id());
    }

    /** With a delay the record stays here until it is due, and this returns at once. */
    @Override
    public boolean giveBack(KafkaClaim claim, Duration delay) throws QueueException {
        if (delay.isPositive()) {
            return desk.delay(claim, System.nanoTime() + delay.toNanos());
        }
        return end(claim, AcknowledgeType.RELEASE, "give back build " + claim.request().id());
    }

    boolean isBusy() {
        return desk.isBusy();
    }

    boolean isFinished() {
        return desk.isFinished();
    }

    /** Lets this member finish when it is no longer busy; false when that is so already. */
    boolean retire(Runnable after) {
        if (desk.retire(after)) {
            return true;
        }
        after.run();
        return false;
    }

    void startClosing() {
        desk.close(consumer::wakeup);
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

    private boolean end(KafkaClaim claim, AcknowledgeType type, String what) throws QueueException {
        Optional<CompletableFuture<Boolean>> answer = desk.ask(claim, type);
        if (answer.isEmpty()) {
            return false;
        }
        try {
            return answer.get().get(patience.multipliedBy(2).toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException | InterruptedException e) {
            throw KafkaErrors.translate(what, e);
        }
    }

    private void run() {
        try {
            consumer.subscribe(List.of(topic));
            while (desk.awaitWork(held != null, () -> seeking && !orphans.isEmpty())) {
                try {
                    HeldRecord record = held;
                    if (record == null) {
                        fetch();
                    } else {
                        hold(record);
                    }
                } catch (WakeupException e) {
                    LOG.debug("a queue member was woken");
                }
            }
        } catch (KafkaException | IllegalStateException e) {
            LOG.error("a queue member failed", e);
            desk.fail(new QueueException(Code.UNAVAILABLE, "take a build: " + e.getMessage(), e));
        } finally {
            finish();
        }
    }

    private void fetch() {
        Optional<HeldRecord> fetched = desk
            .fetching(() -> HeldRecord.fetch(consumer, lock, patience, FETCH_STEP));
        if (fetched.isEmpty()) {
            return;
        }
        HeldRecord record = fetched.get();
        Optional<KafkaClaim> orphan = orphans.adopt(record.id(), this);
        if (orphan.isPresent()) {
            record.holdFor(orphan.get());
            held = record;
            desk.adopt(orphan.get());
        } else {
            record.job()
                .ifPresentOrElse(request -> offer(record, new KafkaClaim(this, request, record.delivery())),
                        record::reject);
        }
    }

    private void offer(HeldRecord record, KafkaClaim claim) {
        record.holdFor(claim);
        if (desk.offer(claim)) {
            held = record;
        } else {
            seeking = false;
            record.release();
        }
    }

    private void hold(HeldRecord record) {
        Optional<Desk.Wish> wish = desk.awaitWish(record.nanosToRenewal());
        if (wish.isPresent()) {
            end(record, wish.get());
            return;
        }
        if (record.nanosToRenewal() > 0) {
            return;
        }
        switch (record.renew()) {
            case RENEWED, PENDING -> LOG.trace("renewed or waiting for it");
            case FORGOTTEN -> orphan(record);
            case FROZEN -> {
                drop();
                record.claim().lose("this process stood still for longer than a lock lasts");
            }
        }
    }

    /** What the broker forgot, or did not confirm, is said again when the record comes back, if it is to be said. */
    private void end(HeldRecord record, Desk.Wish wish) {
        boolean told = false;
        try {
            told = record.end(wish.type());
            wish.done().complete(told);
        } catch (KafkaException e) {
            wish.done().completeExceptionally(e);
        }
        if (told || wish.type() == AcknowledgeType.RELEASE) {
            wish.done().complete(true);
            drop();
        } else {
            orphan(record);
        }
    }

    private void orphan(HeldRecord record) {
        KafkaClaim claim = record.claim();
        held = null;
        if (!desk.dropUntaken(claim)) {
            seeking = true;
            claim.moveTo(orphans);
            orphans.add(record.id(), claim);
            desk.drop();
        }
    }

    private void drop() {
        held = null;
        desk.drop();
    }

    private void finish() {
        HeldRecord record = held;
        held = null;
        try {
            if (record != null) {
                desk.drainWakeup(() -> consumer.poll(Duration.ZERO));
                desk.awaitWish(0).ifPresentOrElse(wish -> end(record, wish), record::release);
            }
            consumer.close(CLOSE_PATIENCE);
        } catch (KafkaException | IllegalStateException e) {
            LOG.warn("a queue member did not leave in order; the broker will notice", e);
        } finally {
            if (record != null) {
                record.claim().lose("the slot was closed");
            }
            onFinish.accept(this);
            desk.finish();
        }
    }
}
