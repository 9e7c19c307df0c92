package dev.kiln.executor.worker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.executor.meter.BuildMeters;
import dev.kiln.queue.Cancellations;
import dev.kiln.queue.Cancellations.Cancellation;
import dev.kiln.queue.Claim;
import dev.kiln.queue.ClaimSource;
import dev.kiln.queue.JobQueue;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.event.BuildEvent;

/**
 * Takes builds from the queue, one in each slot, and sees each to its end.
 *
 * <p>Closing it hands running builds back, which another executor, or this one after its restart, goes on with; the steps
 * that ended stay cached.
 */
public final class Worker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Duration AFTER_TROUBLE = Duration.ofSeconds(2);
    /** A build is usually tried again after about this time, doubled with each delivery. */
    static final Duration BACK_OFF = Duration.ofSeconds(2);

    private final JobQueue queue;
    private final Cancellations cancellations;
    private final Attempt.Surroundings here;
    private final Supplier<String> attemptNames;
    private final int slotCount;
    private final Duration backOff;
    private final Set<Attempt> running = ConcurrentHashMap.newKeySet();
    private final List<Thread> slots = new ArrayList<>();
    private final CountDownLatch closing = new CountDownLatch(1);

    /**
     * @param slots builds at a time
     * @param backOff about how long a build rests before its second try
     */
    record Pace(int slots, Duration backOff) {}

    Worker(JobQueue queue, Cancellations cancellations, Attempt.Surroundings here, Supplier<String> attemptNames,
            Pace pace) {
        this.queue = queue;
        this.cancellations = cancellations;
        this.here = here;
        this.attemptNames = attemptNames;
        this.slotCount = pace.slots();
        this.backOff = pace.backOff();
    }

    /** Begins to take builds; call once. */
    public void start() {
        here.meters().builds().slots(slotCount, running::size);
        for (int i = 0; i < slotCount; i++) {
            slots.add(Thread.ofPlatform().name("slot " + i).start(this::slot));
        }
    }

    private void slot() {
        while (!isClosing()) {
            try (ClaimSource source = queue.openSlot()) {
                while (!isClosing()) {
                    Optional<Claim> claim = source.take(PATIENCE);
                    if (claim.isPresent()) {
                        handle(claim.get());
                    }
                }
            } catch (QueueException | RuntimeException e) {
                here.meters().builds().troubled();
                LOG.warn("worker={} the queue is in trouble, trying again", here.worker(), e);
                pause(AFTER_TROUBLE);
            } catch (InterruptedException _) {
                return;
            }
        }
    }

    private boolean isClosing() {
        return closing.getCount() == 0;
    }

    private void pause(Duration time) {
        try {
            boolean _ = closing.await(time.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void handle(Claim claim) throws QueueException, InterruptedException {
        if (claim.delivery() > queue.deliveryLimit()) {
            end(claim, new BuildEvent.Failed(claim.request().id(), now(), Optional.empty(),
                    BuildEvent.Reason.ATTEMPTS_EXHAUSTED,
                    "the build was tried " + queue.deliveryLimit() + " times and never came to an end",
                    Optional.empty(), Optional.empty(), true, Optional.empty()));
            return;
        }
        Optional<Cancellation> wish = cancellations.of(claim.request().id());
        if (wish.isPresent()) {
            end(claim, new BuildEvent.Cancelled(claim.request().id(), now(), Optional.empty(), wish.get().reason(),
                    Optional.empty()));
            return;
        }
        run(claim);
    }

    private void end(Claim claim, BuildEvent.Final outcome) throws QueueException {
        var _ = here.events().append(outcome);
        here.events().flush();
        here.meters().builds().ended(outcome, Optional.empty());
        claim.complete();
    }

    private void run(Claim claim) throws QueueException, InterruptedException {
        Attempt attempt = new Attempt(here, claim.job(), attemptNames.get(), claim.delivery());
        running.add(attempt);
        AutoCloseable listening = cancellations.listen(wish -> {
            if (wish.build().equals(claim.request().id())) {
                attempt.stop(new Attempt.Stop.Cancelled(wish.reason()));
            }
        });
        try {
            attempt.start();
            claim.onLost(() -> attempt.stop(new Attempt.Stop.Lost()));
            cancellations.of(claim.request().id())
                .ifPresent(wish -> attempt.stop(new Attempt.Stop.Cancelled(wish.reason())));
            if (isClosing()) {
                attempt.stop(new Attempt.Stop.Shutdown());
            }
            Attempt.Ending ending = attempt.await();
            here.meters().builds().over(switch (ending) {
                case COMPLETE -> BuildMeters.Ending.COMPLETED;
                case GIVE_BACK -> BuildMeters.Ending.HANDED_BACK;
                case NOTHING -> BuildMeters.Ending.LOST;
            });
            switch (ending) {
                case COMPLETE -> claim.complete();
                case GIVE_BACK -> claim.giveBack(isClosing() ? Duration.ZERO : backOff(claim.delivery()));
                case NOTHING -> LOG.warn("build={} the claim was lost", claim.request().id());
            }
        } finally {
            running.remove(attempt);
            stopListening(listening);
        }
    }

    /** From half of the time to one and a half, so that builds which failed together do not come back together. */
    private Duration backOff(int delivery) {
        long millis = backOff.multipliedBy(1L << Math.min(delivery - 1, 5)).toMillis();
        return Duration.ofMillis(ThreadLocalRandom.current().nextLong(millis / 2, millis * 3 / 2));
    }

    private static void stopListening(AutoCloseable listening) {
        try {
            listening.close();
        } catch (Exception e) {
            throw new IllegalStateException("a listener for cancels could not be taken off", e);
        }
    }

    private Instant now() {
        return here.clock().instant();
    }

    @Override
    public void close() {
        closing.countDown();
        running.forEach(attempt -> attempt.stop(new Attempt.Stop.Shutdown()));
        boolean interrupted = false;
        for (Thread slot : slots) {
            while (true) {
                try {
                    slot.join();
                    break;
                } catch (InterruptedException _) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
