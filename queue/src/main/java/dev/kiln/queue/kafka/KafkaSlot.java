package dev.kiln.queue.kafka;

import java.time.Duration;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import dev.kiln.queue.Claim;
import dev.kiln.queue.ClaimSource;
import dev.kiln.queue.QueueException;

/**
 * A slot has one member at a time. A build that is given back with a delay stays with its member until it is due, and
 * the slot goes on with a new one.
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
        Member current = current();
        last = current.take(patience);
        return Optional.ofNullable(last);
    }

    private synchronized Member current() {
        Member current = member;
        if (current == null || current.isFinished() || current.isDelaying() && queue.park(current)) {
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
