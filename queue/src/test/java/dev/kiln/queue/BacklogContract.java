package dev.kiln.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.kiln.queue.job.BuildId;

import static org.assertj.core.api.Assertions.assertThat;

/** What every {@link Backlog} does. There may be entries of other tests. */
@Timeout(60)
public abstract class BacklogContract {
    private static final Instant THEN = Instant.parse("2026-08-01T12:00:00Z");
    private final Random random = new Random();

    /** What one process sees; opened for this test or for all. */
    protected abstract Backlog backlog();

    /** What a process sees that starts now. */
    protected abstract Backlog restarted() throws QueueException;

    private BacklogEntry fresh() {
        return BacklogEntry.waiting(Samples.sealedJob(BuildId.create(Instant.now(), random)), THEN);
    }

    @Test
    void put_entry_isKnownHereAtOnceAndToProcessesThatStart() throws Exception {
        BacklogEntry entry = fresh();
        backlog().put(entry);
        assertThat(backlog().get(entry.build())).contains(entry);
        assertThat(backlog().entries()).contains(entry);
        try (Backlog other = restarted()) {
            assertThat(other.get(entry.build())).contains(entry);
        }
    }

    @Test
    void put_again_replaces() throws Exception {
        BacklogEntry entry = fresh();
        backlog().put(entry);
        backlog().put(entry.handedOut(THEN.plusSeconds(1)));
        BacklogEntry dead = entry.dead(THEN.plusSeconds(2), "the registry is away");
        backlog().put(dead);
        for (int i = 0; i < 20; i++) {
            assertThat(backlog().get(entry.build())).contains(dead);
            Thread.sleep(Duration.ofMillis(20));
        }
        try (Backlog other = restarted()) {
            assertThat(other.get(entry.build())).contains(dead);
        }
    }

    @Test
    void remove_entry_isGoneForAll() throws Exception {
        BacklogEntry entry = fresh();
        int before = backlog().size();
        backlog().put(entry);
        assertThat(backlog().size()).isEqualTo(before + 1);
        backlog().remove(entry.build());
        for (int i = 0; i < 20; i++) {
            assertThat(backlog().get(entry.build())).isEqualTo(Optional.empty());
            Thread.sleep(Duration.ofMillis(20));
        }
        assertThat(backlog().size()).isEqualTo(before);
        try (Backlog other = restarted()) {
            assertThat(other.get(entry.build())).isEmpty();
        }
    }

    @Test
    void listen_changeByAnotherProcess_isTold() throws Exception {
        BacklogEntry entry = fresh();
        try (Backlog other = restarted()) {
            CountDownLatch told = new CountDownLatch(1);
            try (AutoCloseable _ = backlog()
                .listen(() -> backlog().get(entry.build()).ifPresent(_ -> told.countDown()))) {
                other.put(entry);
                assertThat(told.await(20, TimeUnit.SECONDS)).isTrue();
            }
        }
    }
}
