package dev.kiln.executor.worker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.kiln.executor.logging.LogFields;
import dev.kiln.executor.meter.ExecutorMeters;
import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.content.InMemoryContentStore;
import dev.kiln.layercache.lease.Collector;
import dev.kiln.layercache.lease.IndexSweep;
import dev.kiln.layercache.lease.Keeper;
import dev.kiln.layercache.lease.Leases;
import dev.kiln.layercache.lease.Volume;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.queue.Cancellations;
import dev.kiln.queue.InMemoryCancellations;
import dev.kiln.queue.InMemoryEventLog;
import dev.kiln.queue.InMemoryJobQueue;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.job.BuildRequest;
import dev.kiln.queue.job.ContextRef;
import dev.kiln.queue.job.Job;
import dev.kiln.queue.job.QueueOptions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@Timeout(30)
class WorkerTest {
    private static final Descriptor IMAGE = Descriptor.of("t", "image".getBytes(StandardCharsets.UTF_8));
    private static final Digest VERTEX = Digest.sha256(new byte[]{7});
    private final InMemoryJobQueue queue = new InMemoryJobQueue();
    private final InMemoryEventLog events = new InMemoryEventLog();
    private final InMemoryCancellations cancellations = new InMemoryCancellations();
    private final InMemoryContentStore store = new InMemoryContentStore();
    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final AtomicInteger attempts = new AtomicInteger();
    private final AtomicInteger published = new AtomicInteger();
    private final CountDownLatch building = new CountDownLatch(1);
    private final BuildId build = BuildId.create(Instant.now(), new Random(3));
    private volatile Doing doing = () -> {};
    private Worker worker;

    private interface Doing {
        void run() throws BuildFailed, InterruptedException;
    }

    private final BuildPipeline pipeline = new BuildPipeline() {
        @Override
        public Built build(Job job, AttemptReporter reporter) throws BuildFailed, InterruptedException {
            building.countDown();
            doing.run();
            return new Built() {
                @Override
                public Descriptor image() {
                    return IMAGE;
                }

                @Override
                public void publish(AttemptReporter to) {
                    published.incrementAndGet();
                    to.pushed(ImageReference.parse("app:1"), IMAGE.digest());
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public void keepLog(BuildId id, Descriptor log) {}
    };

    private Worker worker() {
        return new Worker(queue, cancellations,
                new Attempt.Surroundings(events, pipeline, store, InstantSource.system(), "w", upkeep(),
                        ExecutorMeters.in(meters)),
                () -> "attempt" + attempts.incrementAndGet(), new Worker.Pace(1, Duration.ofMillis(50)));
    }

    private static Attempt.Upkeep upkeep() {
        Leases leases = new Leases(InstantSource.system());
        Collector collector = new Collector(List.of(), leases, new Volume() {
            @Override
            public long free() {
                return Long.MAX_VALUE;
            }

            @Override
            public long total() {
                return Long.MAX_VALUE;
            }
        }, IndexSweep.NONE, InstantSource.system());
        Keeper keeper = new Keeper(collector, List.of(), Duration.ZERO);
        return new Attempt.Upkeep(leases, keeper, new DiskGate(keeper, 1, Duration.ZERO, DiskGate.Pace.STANDARD));
    }

    @BeforeEach
    void submit() throws Exception {
        worker = worker();
        queue.submit(BuildRequest.of(build, Instant.now(), new ContextRef.Uploaded(VERTEX, 1)));
    }

    @AfterEach
    void close() {
        worker.close();
    }

    private BuildEvent.Final outcome() {
        await().until(() -> events.events(build).stream().anyMatch(BuildEvent.Final.class::isInstance));
        return (BuildEvent.Final) events.events(build).getLast();
    }

    @Test
    void build_thatGoesWell_isPublishedOnceWithItsLog() throws Exception {
        worker.start();
        BuildEvent.Succeeded end = (BuildEvent.Succeeded) outcome();
        assertThat(end.image()).isEqualTo(IMAGE);
        assertThat(published).hasValue(1);
        String log = new String(store.open(end.log().orElseThrow().digest()).readAllBytes(), StandardCharsets.UTF_8);
        assertThat(log).isEqualTo("pushed app:1 " + IMAGE.digest() + "\n");
        assertThat(events.events(build)).extracting(e -> e.getClass().getSimpleName())
            .containsExactly("Started", "Publishing", "Pushed", "Succeeded");
        worker.close();
        assertThat(count("kiln.builds", "outcome", "succeeded", "reason", "none")).isEqualTo(1);
        assertThat(count("kiln.attempts", "ending", "completed")).isEqualTo(1);
        assertThat(count("kiln.redeliveries")).isZero();
        assertThat(meters.get("kiln.build.wait").timer().count()).isEqualTo(1);
        assertThat(meters.get("kiln.build.duration").tag("outcome", "succeeded").timer().count()).isEqualTo(1);
        assertThat(meters.get("kiln.slots").gauge().value()).isEqualTo(1);
        assertThat(meters.get("kiln.slots.busy").gauge().value()).isZero();
    }

    private double count(String name, String... tags) {
        return meters.get(name).tags(tags).counter().count();
    }

    @Test
    void threadOfABuild_namesItInItsLogLines() throws Exception {
        Map<String, String> fields = new ConcurrentHashMap<>();
        doing = () -> fields.putAll(LogFields.here());
        worker.start();
        assertThat(outcome()).isInstanceOf(BuildEvent.Succeeded.class);
        assertThat(fields).isEqualTo(Map.of("build", build.toString(), "attempt", "attempt1", "worker", "w"));
    }

    @Test
    void build_thatFails_isNotTriedAgain() {
        doing = () -> {
            throw new BuildFailed(BuildEvent.Reason.STEP_FAILED, "exit code: 3", Optional.of(VERTEX), Optional.of(3),
                    new IllegalStateException("test"));
        };
        worker.start();
        BuildEvent.Failed end = (BuildEvent.Failed) outcome();
        assertThat(end.message()).isEqualTo("exit code: 3");
        assertThat(end.exitCode()).contains(3);
        assertThat(published).hasValue(0);
        worker.close();
        assertThat(attempts).hasValue(1);
        assertThat(count("kiln.builds", "outcome", "failed", "reason", "step_failed")).isEqualTo(1);
    }

    @Test
    void build_thatMeetsDamagedContent_beginsAgainForEach() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        doing = () -> {
            if (tries.incrementAndGet() <= 2) {
                throw damaged();
            }
        };
        worker.start();
        assertThat(outcome()).isInstanceOf(BuildEvent.Succeeded.class);
        assertThat(tries).hasValue(3);
        assertThat(events.events(build)).extracting(e -> e.getClass().getSimpleName())
            .containsExactly("Started", "Warning", "Warning", "Publishing", "Pushed", "Succeeded");
    }

    @Test
    void build_thatMeetsDamageWithoutEnd_fails() {
        AtomicInteger tries = new AtomicInteger();
        doing = () -> {
            tries.incrementAndGet();
            throw damaged();
        };
        worker.start();
        assertThat(((BuildEvent.Failed) outcome()).reason()).isEqualTo(BuildEvent.Reason.INTERNAL);
        assertThat(tries).hasValue(Attempt.MAX_TRIES * 21);
    }

    private static BuildFailed damaged() {
        return new BuildFailed(BuildEvent.Reason.INTERNAL, "blob x was damaged", new IOException(
                new ContentException(ContentException.Code.DIGEST_MISMATCH, "blob x was damaged")));
    }

    @Test
    void build_thatMeetsAFullDisk_saysSo() {
        doing = () -> {
            throw new BuildFailed(BuildEvent.Reason.INTERNAL, "packing failed", new IOException(
                    "/x: No space left on device"));
        };
        worker.start();
        BuildEvent.Failed end = (BuildEvent.Failed) outcome();
        assertThat(end.reason()).isEqualTo(BuildEvent.Reason.NO_SPACE);
        assertThat(end.message()).startsWith("no space left on the executor's disk: packing failed; free space there")
            .endsWith("(tried 3 times)");
        assertThat(end.retryable()).isTrue();
        assertThat(attempts).hasValue(Attempt.MAX_TRIES);
    }

    @Test
    void failureThatMayPass_isTriedAgain() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        doing = () -> {
            if (tries.incrementAndGet() == 1) {
                throw new BuildFailed(BuildEvent.Reason.INTERNAL, "an overlay cannot be mounted", new IOException());
            }
        };
        worker.start();
        assertThat(outcome()).isInstanceOf(BuildEvent.Succeeded.class);
        assertThat(attempts).hasValue(2);
        assertThat(published).hasValue(1);
        assertThat(events.events(build)).extracting(e -> e.getClass().getSimpleName())
            .containsExactly("Started", "Warning", "Started", "Publishing", "Pushed", "Succeeded");
    }

    @Test
    void build_thatTakesLongerThanItMay_failsForThat() throws Exception {
        worker.close();
        BuildId late = BuildId.create(Instant.now(), new Random(4));
        queue.submit(BuildRequest.of(late, Instant.now(), new ContextRef.Uploaded(VERTEX, 1))
            .withQueueing(QueueOptions.DEFAULT.withDeadlines(new QueueOptions.Deadlines(Optional.of(Duration.ofSeconds(
                    1)), Optional.empty()))));
        AtomicInteger builds = new AtomicInteger();
        doing = () -> {
            if (builds.incrementAndGet() == 2) {
                new CountDownLatch(1).await();
            }
        };
        worker = worker();
        worker.start();
        await().until(() -> events.events(late).stream().anyMatch(BuildEvent.Final.class::isInstance));
        BuildEvent.Failed end = (BuildEvent.Failed) events.events(late).getLast();
        assertThat(end.reason()).isEqualTo(BuildEvent.Reason.TIMEOUT);
        assertThat(end.message()).contains("1 s").contains("--timeout");
        assertThat(end.retryable()).isFalse();
    }

    @Test
    void cancelThatIsInTheLogBeforePublishing_publishesNothing() throws Exception {
        doing = () -> {
            events.append(new BuildEvent.CancelRequested(build, Instant.now(), "by ada"));
            Thread.ofVirtual().start(() -> {
                await().until(() -> events.events(build).stream().anyMatch(BuildEvent.Publishing.class::isInstance));
                try {
                    cancellations.request(new Cancellations.Cancellation(build, "by ada"));
                } catch (QueueException e) {
                    throw new IllegalStateException(e);
                }
            });
        };
        worker.start();
        assertThat(((BuildEvent.Cancelled) outcome()).reason()).isEqualTo("by ada");
        assertThat(published).hasValue(0);
    }

    @Test
    void cancel_ofARunningBuild_endsIt() throws Exception {
        doing = () -> new CountDownLatch(1).await();
        worker.start();
        building.await();
        cancellations.request(new Cancellations.Cancellation(build, "by ada"));
        assertThat(((BuildEvent.Cancelled) outcome()).reason()).isEqualTo("by ada");
        assertThat(published).hasValue(0);
    }

    @Test
    void cancel_ofAQueuedBuild_endsItWithoutAnAttempt() throws Exception {
        cancellations.request(new Cancellations.Cancellation(build, "by ada"));
        worker.start();
        assertThat(outcome().attempt()).isEmpty();
        assertThat(attempts).hasValue(0);
        worker.close();
        assertThat(count("kiln.builds", "outcome", "cancelled")).isEqualTo(1);
        assertThat(meters.get("kiln.build.wait").timer().count()).isZero();
    }

    @Test
    void close_whileABuildRuns_handsItBack() throws Exception {
        doing = () -> new CountDownLatch(1).await();
        worker.start();
        building.await();
        worker.close();
        assertThat(events.events(build)).noneMatch(BuildEvent.Final.class::isInstance);
        doing = () -> {};
        worker = worker();
        worker.start();
        assertThat(outcome()).isInstanceOf(BuildEvent.Succeeded.class);
        assertThat(published).hasValue(1);
        worker.close();
        assertThat(count("kiln.attempts", "ending", "handed_back")).isEqualTo(1);
        assertThat(count("kiln.attempts", "ending", "completed")).isEqualTo(1);
        assertThat(count("kiln.redeliveries")).isEqualTo(1);
        assertThat(count("kiln.builds", "outcome", "succeeded")).as("an end is counted once").isEqualTo(1);
    }

    @Test
    void attempt_overtakenByAnother_publishesNothing() throws Exception {
        doing = () -> events.append(new BuildEvent.Started(build, Instant.now(), "other", "w2", 2));
        worker.start();
        await().until(() -> events.events(build).stream().anyMatch(BuildEvent.Publishing.class::isInstance));
        worker.close();
        assertThat(published).hasValue(0);
        assertThat(events.events(build)).noneMatch(BuildEvent.Final.class::isInstance);
    }
}
