package dev.kiln.queue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import dev.kiln.queue.job.Job;
import dev.kiln.queue.job.JobJson;

/** A {@link JobQueue} in this process's memory, with the faults that tests want. */
public final class InMemoryJobQueue implements JobQueue {
    /** A build in the queue; {@code notBefore} in {@link System#nanoTime}. */
    private record Entry(byte[] json, int deliveries, long notBefore) {}

    private final Availability availability = new Availability();
    private final List<Entry> waiting = new ArrayList<>();
    private final Set<HeldClaim> held = new HashSet<>();
    private final int deliveryLimit;

    public InMemoryJobQueue() {
        this(5);
    }

    public InMemoryJobQueue(int deliveryLimit) {
        this.deliveryLimit = deliveryLimit;
    }

    /** Makes the broker go away or come back. */
    public void setAvailable(boolean available) {
        availability.set(available);
    }

    /** What happens when every executor freezes for longer than a lock lasts: all claims are lost and handed out again. */
    public void loseClaims() {
        List<HeldClaim> lost;
        synchronized (this) {
            lost = List.copyOf(held);
            held.clear();
            lost.forEach(claim -> requeue(claim.job, 0));
        }
        lost.forEach(HeldClaim::lose);
    }

    /** How many builds wait, those given back included. */
    public synchronized int waiting() {
        return waiting.size();
    }

    @Override
    public void submit(Job job) throws QueueException {
        availability.check("submit build " + job.request().id());
        byte[] json = JobJson.write(job);
        if (json.length > JobJson.MAX_BYTES) {
            throw new QueueException(QueueException.Code.TOO_LARGE,
                    "submit build " + job.request().id() + ": too large");
        }
        synchronized (this) {
            waiting.add(new Entry(json, 0, System.nanoTime()));
            notifyAll();
        }
    }

    @Override
    public ClaimSource openSlot() {
        return new Slot();
    }

    @Override
    public int deliveryLimit() {
        return deliveryLimit;
    }

    @Override
    public void close() {}

    private synchronized void requeue(Entry job, long delayNanos) {
        waiting.add(0, new Entry(job.json, job.deliveries, System.nanoTime() + delayNanos));
        notifyAll();
    }

    private synchronized boolean end(HeldClaim claim) {
        return held.remove(claim);
    }

    private synchronized @Nullable HeldClaim await(long deadline) {
        while (true) {
            long now = System.nanoTime();
            long wake = deadline;
            for (Entry job : waiting) {
                if (job.notBefore - now <= 0) {
                    waiting.remove(job);
                    HeldClaim claim = new HeldClaim(new Entry(job.json, job.deliveries + 1, 0));
                    held.add(claim);
                    return claim;
                }
                wake = Math.min(wake, job.notBefore);
            }
            if (deadline - now <= 0) {
                return null;
            }
            try {
                wait(Math.max(1, (wake - now) / 1_000_000));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return null;
            }
        }
    }

    private final class Slot implements ClaimSource {
        private @Nullable HeldClaim last;

        @Override
        public Optional<Claim> take(Duration patience) throws QueueException {
            availability.check("take a build");
            if (last != null && !last.isEnded()) {
                throw new IllegalStateException("the claim before has not ended");
            }
            last = await(System.nanoTime() + patience.toNanos());
            return Optional.ofNullable(last);
        }

        @Override
        public void close() {
            if (last != null && end(last)) {
                requeue(last.job, 0);
                last.lose();
            }
        }
    }

    private final class HeldClaim implements Claim {
        private final Entry job;
        private final List<Runnable> onLost = new ArrayList<>();
        private boolean lost;
        private boolean ended;

        HeldClaim(Entry job) {
            this.job = job;
        }

        @Override
        public Job job() {
            return JobJson.read(job.json);
        }

        @Override
        public int delivery() {
            return job.deliveries;
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
            availability.check("complete build " + request().id());
            finish();
        }

        @Override
        public void giveBack(Duration delay) throws QueueException {
            availability.check("give back build " + request().id());
            if (finish()) {
                requeue(job, delay.toNanos());
            }
        }

        private boolean finish() {
            synchronized (this) {
                ended = true;
            }
            return end(this);
        }

        private synchronized boolean isEnded() {
            return ended || lost;
        }

        private void lose() {
            List<Runnable> actions;
            synchronized (this) {
                lost = true;
                actions = List.copyOf(onLost);
                onLost.clear();
            }
            actions.forEach(Runnable::run);
        }
    }
}
