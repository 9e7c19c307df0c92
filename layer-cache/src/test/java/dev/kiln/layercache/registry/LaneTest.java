package dev.kiln.layercache.registry;

import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.kiln.layercache.content.InMemoryContentStore;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@Timeout(30)
class LaneTest {
    private static final byte[] BLOB = RegistryFixture.random(400_000);
    private final Lane lane = new Lane("r", 2, Duration.ofMillis(50));

    @Test
    void enter_blobs_leaveAPlaceForQuestions() throws Exception {
        Lane.Place blob = lane.enter("a", true);
        inAnotherThread(() -> {
            assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> lane.enter("pulling b", true))
                .withMessageContaining("pulling b: the 2 connections to r were all busy");
            lane.enter("question", false).close();
        });
        blob.close();
        inAnotherThread(() -> lane.enter("b", true).close());
    }

    @Test
    void enter_threadThatIsInside_passes() throws Exception {
        try (Lane.Place _ = lane.enter("a", true); Lane.Place _ = lane.enter("b", true)) {
            lane.enter("c", false).close();
        }
        inAnotherThread(() -> lane.enter("d", true).close());
    }

    @Test
    void close_twice_givesOnePlaceBack() throws Exception {
        Lane.Place first = lane.enter("a", false);
        first.close();
        first.close();
        Lane.Place one = lane.enter("a", false);
        List<Lane.Place> others = new ArrayList<>();
        inAnotherThread(() -> others.add(lane.enter("b", false)));
        inAnotherThread(() -> assertThatExceptionOfType(RegistryException.class)
            .isThrownBy(() -> lane.enter("c", false)));
        one.close();
        others.forEach(Lane.Place::close);
    }

    @Test
    void client_manyBuilds_stayWithinTheLimit() throws Exception {
        try (TestRegistry registry = new TestRegistry();
                RegistryFixture fixture = RegistryFixture.with(registry.address(), limit(registry, 3))) {
            Digest digest = registry.putBlob(BLOB);
            AtomicInteger now = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            registry.add(exchange -> {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                Thread.yield();
                now.decrementAndGet();
                return false;
            });
            List<Thread> builds = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                builds.add(Thread.startVirtualThread(() -> pull(fixture.client, registry, digest)));
            }
            for (Thread build : builds) {
                build.join();
            }
            assertThat(most.get()).isBetween(1, 3);
            assertThat(registry.requests()).hasSize(30);
        }
    }

    private static void pull(RegistryClient client, TestRegistry registry, Digest digest) {
        try {
            client.repository(ImageReference.parse(registry.host() + "/app"))
                .pull(Descriptor.of("x", digest, BLOB.length), new InMemoryContentStore());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** As many readers as places, all of which ask something else before they read on. */
    @Test
    void client_readersThatAskInBetween_doNotWaitForEachOther() throws Exception {
        try (TestRegistry registry = new TestRegistry();
                RegistryFixture fixture = RegistryFixture.with(registry.address(), limit(registry, 1))) {
            Digest digest = registry.putBlob(BLOB);
            Repository app = fixture.repository(registry.host() + "/app");
            Repository other = fixture.repository(registry.host() + "/other");
            try (InputStream in = app.open(digest)) {
                assertThat(in.read()).isGreaterThanOrEqualTo(0);
                assertThat(app.size(digest)).hasValue(BLOB.length);
                try (InputStream again = app.open(digest)) {
                    assertThat(again.readAllBytes()).isEqualTo(BLOB);
                }
                in.readAllBytes();
            }
            // From one repository straight into another, over the one place that there is.
            registry.fail(1, "HEAD", "/v2/other/", 404, Map.of());
            assertThat(other.push(Descriptor.of("x", digest, BLOB.length), app)).isTrue();
            assertThat(app.size(digest)).isPresent();
        }
    }

    private static Map<String, HostSettings> limit(TestRegistry registry, int connections) {
        return Map.of(registry.host(), new HostSettings(List.of(), Optional.empty(), Optional.empty(),
                OptionalInt.of(connections), Duration.ZERO));
    }

    private interface Work {
        void run() throws Exception;
    }

    private static void inAnotherThread(Work work) throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        List<Throwable> failures = new ArrayList<>();
        Thread.startVirtualThread(() -> {
            try {
                work.run();
            } catch (Throwable e) {
                failures.add(e);
            } finally {
                done.countDown();
            }
        });
        done.await();
        assertThat(failures).isEmpty();
    }
}
