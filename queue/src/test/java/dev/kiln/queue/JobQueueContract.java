package dev.kiln.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.job.BuildOptions;
import dev.kiln.queue.job.BuildRequest;
import dev.kiln.queue.job.CacheOptions;
import dev.kiln.queue.job.Job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What every {@link JobQueue} does. A test leaves the queue empty. */
@Timeout(60)
public abstract class JobQueueContract {
    /** Enough for any delivery that is due. */
    protected static final Duration PATIENCE = Duration.ofSeconds(20);
    private final Random random = new Random();

    /** The queue; opened for this test or for all. */
    protected abstract JobQueue queue();

    /** Long enough that a build which is wrongly there would have come. */
    protected abstract Duration brief();

    /** A delay that is longer than a delivery takes. */
    protected abstract Duration delay();

    protected final BuildId newId() {
        return BuildId.create(Instant.now(), random);
    }

    @Test
    void take_submittedBuild_isTheWholeJob() throws Exception {
        Job job = Samples.sealedJob(newId());
        queue().submit(job);
        try (ClaimSource slot = queue().openSlot()) {
            Claim claim = slot.take(PATIENCE).orElseThrow();
            assertThat(claim.job()).isEqualTo(job);
            assertThat(claim.delivery()).isEqualTo(1);
            assertThat(claim.isLost()).isFalse();
            claim.complete();
        }
    }

    @Test
    void take_nothingThere_isEmptyAfterPatience() throws Exception {
        try (ClaimSource slot = queue().openSlot()) {
            assertThat(slot.take(brief())).isEmpty();
            BuildRequest request = Samples.request(newId());
            queue().submit(request);
            Claim claim = slot.take(PATIENCE).orElseThrow();
            assertThat(claim.request().id()).isEqualTo(request.id());
            claim.complete();
        }
    }

    @Test
    void complete_isNotHandedOutAgain() throws Exception {
        queue().submit(Samples.request(newId()));
        try (ClaimSource slot = queue().openSlot()) {
            slot.take(PATIENCE).orElseThrow().complete();
            assertThat(slot.take(brief())).isEmpty();
        }
        try (ClaimSource slot = queue().openSlot()) {
            assertThat(slot.take(brief())).isEmpty();
        }
    }

    @Test
    void complete_fromAnotherThread_endsTheClaim() throws Exception {
        queue().submit(Samples.request(newId()));
        queue().submit(Samples.request(newId()));
        try (ClaimSource slot = queue().openSlot()) {
            for (int i = 0; i < 2; i++) {
                Claim claim = slot.take(PATIENCE).orElseThrow();
                Thread other = Thread.ofVirtual().start(() -> {
                    try {
                        claim.complete();
                    } catch (QueueException e) {
                        throw new AssertionError(e);
                    }
                });
                other.join();
            }
            assertThat(slot.take(brief())).isEmpty();
        }
    }

    @Test
    void take_whileAClaimIsHeld_isRefused() throws Exception {
        queue().submit(Samples.request(newId()));
        try (ClaimSource slot = queue().openSlot()) {
            Claim claim = slot.take(PATIENCE).orElseThrow();
            assertThatThrownBy(() -> slot.take(brief())).isInstanceOf(IllegalStateException.class);
            claim.complete();
        }
    }

    @Test
    void giveBack_withDelay_isHandedOutAgainWhenItHasPassed() throws Exception {
        BuildRequest request = Samples.request(newId());
        queue().submit(request);
        try (ClaimSource slot = queue().openSlot()) {
            Claim first = slot.take(PATIENCE).orElseThrow();
            long before = System.nanoTime();
            first.giveBack(delay());
            Claim second = slot.take(PATIENCE).orElseThrow();
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(delay());
            assertThat(second.request()).isEqualTo(request);
            assertThat(second.delivery()).isEqualTo(2);
            second.complete();
            assertThat(slot.take(brief())).isEmpty();
        }
    }

    @Test
    void giveBack_withDelay_leavesTheSlotFreeForOthers() throws Exception {
        BuildRequest delayed = Samples.request(newId());
        BuildRequest next = Samples.request(newId());
        queue().submit(delayed);
        try (ClaimSource slot = queue().openSlot()) {
            slot.take(PATIENCE).orElseThrow().giveBack(delay());
            queue().submit(next);
            Claim claim = slot.take(PATIENCE).orElseThrow();
            assertThat(claim.request().id()).isEqualTo(next.id());
            claim.complete();
            claim = slot.take(PATIENCE).orElseThrow();
            assertThat(claim.request().id()).isEqualTo(delayed.id());
            claim.complete();
        }
    }

    @Test
    void giveBack_withoutDelay_countsDeliveries() throws Exception {
        queue().submit(Samples.request(newId()));
        try (ClaimSource slot = queue().openSlot()) {
            for (int delivery = 1; delivery <= queue().deliveryLimit(); delivery++) {
                Claim claim = slot.take(PATIENCE).orElseThrow();
                assertThat(claim.delivery()).isEqualTo(delivery);
                claim.giveBack(Duration.ZERO);
            }
            Claim tooMany = slot.take(PATIENCE).orElseThrow();
            assertThat(tooMany.delivery()).isGreaterThan(queue().deliveryLimit());
            tooMany.complete();
        }
    }

    @Test
    void closingASlot_givesItsBuildBack() throws Exception {
        BuildRequest request = Samples.request(newId());
        queue().submit(request);
        CountDownLatch lost = new CountDownLatch(1);
        try (ClaimSource slot = queue().openSlot()) {
            Claim claim = slot.take(PATIENCE).orElseThrow();
            claim.onLost(lost::countDown);
        }
        assertThat(lost.await(10, TimeUnit.SECONDS)).isTrue();
        try (ClaimSource slot = queue().openSlot()) {
            Claim claim = slot.take(PATIENCE).orElseThrow();
            assertThat(claim.request()).isEqualTo(request);
            assertThat(claim.delivery()).isEqualTo(2);
            claim.complete();
        }
    }

    @Test
    void twoSlots_takeDifferentBuilds() throws Exception {
        Set<BuildId> submitted = Set.of(newId(), newId());
        for (BuildId id : submitted) {
            queue().submit(Samples.request(id));
        }
        try (ClaimSource one = queue().openSlot(); ClaimSource two = queue().openSlot()) {
            Claim first = one.take(PATIENCE).orElseThrow();
            Claim second = two.take(PATIENCE).orElseThrow();
            Set<BuildId> taken = new HashSet<>(Set.of(first.request().id(), second.request().id()));
            assertThat(taken).isEqualTo(submitted);
            first.complete();
            second.complete();
        }
    }

    @Test
    void take_inAWaitingSlot_returnsSoonAfterSubmit() throws Exception {
        try (ClaimSource slot = queue().openSlot()) {
            assertThat(slot.take(brief())).isEmpty();
            AtomicReference<Optional<Claim>> taken = new AtomicReference<>(Optional.empty());
            Thread taker = Thread.ofPlatform().start(() -> {
                try {
                    taken.set(slot.take(PATIENCE));
                } catch (QueueException e) {
                    throw new AssertionError(e);
                }
            });
            queue().submit(Samples.request(newId()));
            taker.join(PATIENCE);
            taken.get().orElseThrow().complete();
        }
    }

    @Test
    void submit_largerThanAccepted_isRefused() {
        BuildOptions large = new BuildOptions(Optional.empty(), List.of(),
                Map.of("A", "x".repeat(600 << 10)), Map.of(), CacheOptions.USUAL);
        BuildRequest request = Samples.request(newId()).withOptions(large);
        assertThatThrownBy(() -> queue().submit(request)).isInstanceOf(QueueException.class)
            .extracting(e -> ((QueueException) e).code())
            .isEqualTo(QueueException.Code.TOO_LARGE);
    }
}
