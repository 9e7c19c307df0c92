package dev.kiln.queue;

import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.kiln.queue.Cancellations.Cancellation;
import dev.kiln.queue.job.BuildId;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What all {@link Cancellations} do. There may be wishes of other tests. */
@Timeout(60)
public abstract class CancellationsContract {
    private final Random random = new Random();

    /** What one process sees; opened for this test or for all. */
    protected abstract Cancellations cancellations();

    /** What a process sees that starts now. */
    protected abstract Cancellations restarted() throws QueueException;

    protected Cancellation newWish() {
        return new Cancellation(BuildId.create(Instant.now(), random), "by ada");
    }

    @Test
    void request_isSeenHereSoon() throws Exception {
        Cancellation wish = newWish();
        assertThat(cancellations().of(wish.build())).isEmpty();
        cancellations().request(wish);
        await().until(() -> cancellations().of(wish.build()).isPresent());
        assertThat(cancellations().of(wish.build())).contains(wish);
    }

    @Test
    void request_isSeenAtOnceByAProcessThatStartsLater() throws Exception {
        Cancellation wish = newWish();
        cancellations().request(wish);
        try (Cancellations later = restarted()) {
            assertThat(later.of(wish.build())).contains(wish);
        }
    }

    @Test
    void listener_hearsWishesUntilClosed() throws Exception {
        Cancellation before = newWish();
        Cancellation heard = newWish();
        Cancellation after = newWish();
        List<Cancellation> got = new CopyOnWriteArrayList<>();
        try (Cancellations other = restarted()) {
            cancellations().request(before);
            await().until(() -> other.of(before.build()).isPresent());
            AutoCloseable handle = other.listen(got::add);
            cancellations().request(heard);
            await().until(() -> got.contains(heard));
            handle.close();
            cancellations().request(after);
            await().until(() -> other.of(after.build()).isPresent());
        }
        assertThat(got).containsExactly(heard);
    }

    @Test
    void listener_thatThrows_doesNotKeepOthersFromHearing() throws Exception {
        Cancellation wish = newWish();
        List<Cancellation> got = new CopyOnWriteArrayList<>();
        try (AutoCloseable bad = cancellations().listen(w -> {
            throw new IllegalStateException("a listener's own fault");
        }); AutoCloseable good = cancellations().listen(got::add)) {
            assertThat(bad).isNotSameAs(good);
            cancellations().request(wish);
            await().until(() -> got.contains(wish));
        }
    }
}
