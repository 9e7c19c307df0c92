package dev.kiln.queue.kafka;

import java.time.Duration;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import dev.kiln.queue.Claim;
import dev.kiln.queue.ClaimSource;
import dev.kiln.queue.QueueException;

/**
 * A slot has one member at a time. When that is busy with a build that is not this slot's to run (one that was given
 * back and waits out its delay, or one that it found again for another slot), the slot goes on with a new one.
 */
final class KafkaSlot implements ClaimSource {
    private final KafkaJobQueue queue;
    private @Nullable Member member;
    private @Nullable KafkaClaim last;

    KafkaSlot(KafkaJobQueue queue) {
        this.queue = queue;
    }

    @Override
    public Optional<Claim> take(Duration patience) throws QueueException {
        if (last != null && !last.isOver()) {
            throw new IllegalStateException("the claim before has not ended");
        }
        last = null;
        long deadline = System.nanoTime() + patience.toNanos();
        long left;
        do {
            left = Math.max(0, deadline - System.nanoTime());
            last = current().take(Duration.ofNanos(left));
        } while (last == null && left > 0 && !Thread.currentThread().isInterrupted());
        return Optional.ofNullable(last);
    }

    private synchronized Member current() {
        Member current = member;
        if (current == null || current.isFinished() || current.isBusy() && queue.park(current)) {
            current = queue.openMember();
            member = current;
        }
        return current;
    }

    @Override
    public synchronized void close() {
        if (member != null) {
            queue.close(member);
            member = null;
        }
    }
}
