package dev.kiln.queue.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.queue.Claim;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.job.Job;

/** A claim as its owner sees it; whoever has the record does the work. */
final class KafkaClaim implements Claim {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaClaim.class);

    private final Job job;
    private final int delivery;
    private final List<Runnable> onLost = new ArrayList<>();
    private volatile Holder holder;
    private boolean lost;
    private @Nullable AcknowledgeType ending;

    KafkaClaim(Holder holder, Job job, int delivery) {
        this.holder = holder;
        this.job = job;
        this.delivery = delivery;
    }

    @Override
    public Job job() {
        return job;
    }

    @Override
    public int delivery() {
        return delivery;
    }

    @Override
    public void onLost(Runnable action) {
        synchronized (this) {
            if (!lost) {
                onLost.add(action);
                return;
            }
        }
        action.run();
    }

    @Override
    public synchronized boolean isLost() {
        return lost;
    }

    @Override
    public void complete() throws QueueException {
        end(AcknowledgeType.ACCEPT);
        Holder asked;
        do {
            asked = holder;
        } while (!asked.complete(this) && asked != holder);
    }

    @Override
    public void giveBack(Duration delay) throws QueueException {
        end(AcknowledgeType.RELEASE);
        Holder asked;
        do {
            asked = holder;
        } while (!asked.giveBack(this, delay) && asked != holder);
    }

    void moveTo(Holder other) {
        holder = other;
    }

    /** What the owner wants done with the record, once that is known. */
    synchronized Optional<AcknowledgeType> ending() {
        return Optional.ofNullable(ending);
    }

    /** Whether the slot may take another build. */
    synchronized boolean isOver() {
        return ending != null || lost;
    }

    private synchronized void end(AcknowledgeType type) {
        if (ending != null) {
            throw new IllegalStateException("the claim on build " + request().id() + " has been ended already");
        }
        ending = type;
    }

    /** Called once the record is no longer ours; a claim that its owner has ended is not lost. */
    void lose(String why) {
        List<Runnable> actions;
        synchronized (this) {
            if (lost || ending != null) {
                return;
            }
            lost = true;
            actions = List.copyOf(onLost);
            onLost.clear();
        }
        LOG.warn("claim lost build={} delivery={} why=\"{}\"", request().id(), delivery, why);
        Thread.ofVirtual().name("claim-lost-" + request().id()).start(() -> actions.forEach(this::run));
    }

    private void run(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            LOG.error("an action on the loss of a claim failed build={}", request().id(), e);
        }
    }
}
