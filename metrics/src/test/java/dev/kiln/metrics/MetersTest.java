package dev.kiln.metrics;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

import dev.kiln.layercache.lease.Item;
import dev.kiln.layercache.lease.Kind;
import dev.kiln.layercache.lease.Stocked;
import dev.kiln.layercache.lease.Usage;
import dev.kiln.layercache.lease.Volume;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.InMemoryEventLog;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.event.Permission;
import dev.kiln.queue.job.BuildId;

import static org.assertj.core.api.Assertions.assertThat;

class MetersTest {
    private static final Instant NOW = Instant.parse("2026-08-01T12:00:00Z");
    private final MeterRegistry registry = new SimpleMeterRegistry();

    private double count(String name, String... tags) {
        return registry.get(name).tags(tags).counter().count();
    }

    private double gauge(String name, String... tags) {
        return registry.get(name).tags(tags).gauge().value();
    }

    private static Stocked stocked(Kind kind, String id, long bytes) {
        return new Stocked(new Item(kind, id), Path.of("/x"), bytes, new Stocked.Times(NOW, NOW), false, "");
    }

    @Test
    void collector_countsWhatWentAndShowsWhatIsLeft() {
        DiskMeters meters = new DiskMeters(registry, "executor", new ToyVolume());

        meters.collected(new Usage(List.of(stocked(Kind.LAYER, "a", 10), stocked(Kind.LAYER, "b", 5)), List.of("x")),
                new Usage(List.of(stocked(Kind.BLOB, "c", 7)), List.of()));
        meters.collected(new Usage(List.of(stocked(Kind.LAYER, "d", 1)), List.of()), new Usage(List.of(), List.of()));

        assertThat(count("kiln.collector.runs", "store", "executor")).isEqualTo(2);
        assertThat(count("kiln.collector.problems", "store", "executor")).isEqualTo(1);
        assertThat(count("kiln.collector.freed", "kind", "layer")).isEqualTo(16);
        assertThat(gauge("kiln.disk.used", "kind", "blob")).isZero();
        assertThat(gauge("kiln.disk.size", "store", "executor")).isEqualTo(1000);
        assertThat(gauge("kiln.disk.free", "store", "executor")).as("cannot be looked at").isNaN();
    }

    private static final class ToyVolume implements Volume {
        @Override
        public long free() throws IOException {
            throw new IOException("gone");
        }

        @Override
        public long total() {
            return 1000;
        }
    }

    @Test
    void collectors_ofTwoStores_haveNumbersOfTheirOwn() {
        new DiskMeters(registry, "api", new ToyVolume()).collected(new Usage(List.of(), List.of()),
                new Usage(List.of(stocked(Kind.RESULT, "a", 3)), List.of()));
        new DiskMeters(registry, "executor", new ToyVolume()).collected(new Usage(List.of(), List.of()),
                new Usage(List.of(stocked(Kind.RESULT, "a", 4)), List.of()));

        assertThat(gauge("kiln.disk.used", "store", "api", "kind", "result")).isEqualTo(3);
        assertThat(gauge("kiln.disk.used", "store", "executor", "kind", "result")).isEqualTo(4);
    }

    @Test
    void registry_countsByClassOfAnswer() {
        RegistryMeters meters = new RegistryMeters(registry);
        for (int status : new int[]{200, 202, 307, 401, 403, 404, 429, 500, 503}) {
            meters.answered(status);
        }
        meters.unanswered();
        meters.retried();
        meters.sent(5);
        meters.received(7);

        assertThat(count("kiln.registry.client.requests", "status", "2xx")).isEqualTo(2);
        assertThat(count("kiln.registry.client.requests", "status", "3xx")).isEqualTo(1);
        assertThat(count("kiln.registry.client.requests", "status", "401")).isEqualTo(1);
        assertThat(count("kiln.registry.client.requests", "status", "404")).isEqualTo(1);
        assertThat(count("kiln.registry.client.requests", "status", "429")).isEqualTo(1);
        assertThat(count("kiln.registry.client.requests", "status", "4xx")).isEqualTo(1);
        assertThat(count("kiln.registry.client.requests", "status", "5xx")).isEqualTo(2);
        assertThat(count("kiln.registry.client.requests", "status", "none")).isEqualTo(1);
        assertThat(count("kiln.registry.client.retries")).isEqualTo(1);
        assertThat(count("kiln.registry.client.sent")).isEqualTo(5);
        assertThat(count("kiln.registry.client.received")).isEqualTo(7);
    }

    @Test
    void events_areCountedWhenTheyAreDurableOrHaveFailed() throws Exception {
        InMemoryEventLog log = new InMemoryEventLog();
        CountedEventLog counted = new CountedEventLog(log, registry);
        BuildId build = BuildId.create(NOW, new Random(1));

        log.setAvailable(false);
        var unconfirmed = counted.append(cancelled(build, "why"));
        assertThat(count("kiln.events.appended", "outcome", "durable")).isZero();
        log.setAvailable(true);
        assertThat(unconfirmed.toCompletableFuture().get()).isNotNegative();
        assertThat(counted.append(cancelled(build, "x".repeat(2 << 20))).toCompletableFuture())
            .isCompletedExceptionally();

        assertThat(count("kiln.events.appended", "outcome", "durable")).isEqualTo(1);
        assertThat(count("kiln.events.appended", "outcome", "failed")).isEqualTo(1);
        assertThat(counted.mayPublish(new BuildEvent.Publishing(build, NOW, "a", Digest.sha256(new byte[0]))))
            .as("the build has ended")
            .isEqualTo(Permission.REFUSED);
        assertThat(count("kiln.events.appended", "outcome", "durable")).isEqualTo(2);
    }

    private static BuildEvent cancelled(BuildId build, String why) {
        return new BuildEvent.Cancelled(build, NOW, Optional.empty(), why, Optional.empty());
    }
}
