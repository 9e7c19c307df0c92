package dev.kiln.queue.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.queue.Claim;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.job.BuildRequest;

/** A claim as its holder sees it; the member that has the record does the work. */
final class KafkaClaim implements Claim {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaClaim.class);

    private final Member member;
    private final BuildRequest request;
    private final int delivery;
    private final List<Runnable> onLost = new ArrayList<>();
    private boolean lost;
    private boolean ended;

    KafkaClaim(Member member, BuildRequest request, int delivery) {
        this.member = member;
        this.request = request;
        this.delivery = delivery;
    }

    @Override
    public BuildRequest request() {
        return request;
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
        if (end()) {
            member.complete(this);
        }
    }

    @Override
    public void giveBack(Duration delay) throws QueueException {
        if (end()) {
            member.giveBack(this, delay);
        }
    }

    /** Whether the slot may take another build. */
    synchronized boolean isOver() {
        return ended || lost;
    }

    /** Whether there is something to end. */
    private synchronized boolean end() {
        if (ended) {
            throw new IllegalStateException("the claim on build " + request.id() + " has been ended already");
        }
        ended = true;
        return !lost;
    }

    /** Called once the record is no longer ours; a claim that its holder has ended is not lost. */
    void lose(String why) {
        List<Runnable> actions;
        synchronized (this) {
            if (lost || ended) {
                return;
            }
            lost = true;
            actions = List.copyOf(onLost);
            onLost.clear();
        }
        LOG.warn("claim lost build={} delivery={} why=\"{}\"", request.id(), delivery, why);
        Thread.ofVirtual().name("claim-lost-" + request.id()).start(() -> actions.forEach(this::run));
    }

    private void run(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            LOG.error("an action on the loss of a claim failed build={}", request.id(), e);
        }
    }
}
