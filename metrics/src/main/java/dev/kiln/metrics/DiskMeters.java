package dev.kiln.metrics;

import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;

import dev.kiln.layercache.lease.CollectorMeter;
import dev.kiln.layercache.lease.Kind;
import dev.kiln.layercache.lease.Stocked;
import dev.kiln.layercache.lease.Usage;
import dev.kiln.layercache.lease.Volume;

/** What one part of a process keeps on its disk, and what its collector takes away. */
public final class DiskMeters implements CollectorMeter {
    private final Map<Kind, AtomicLong> used = new EnumMap<>(Kind.class);
    private final Map<Kind, Counter> freed = new EnumMap<>(Kind.class);
    private final Counter runs;
    private final Counter problems;

    /**
     * @param store whose disk it is, {@code api} or {@code executor}: in {@code kiln up} there are both
     * @param volume where it is
     */
    public DiskMeters(MeterRegistry registry, String store, Volume volume) {
        Tags tags = Tags.of("store", store);
        for (Kind kind : Kind.values()) {
            Tags one = tags.and("kind", kind.word());
            AtomicLong bytes = new AtomicLong();
            used.put(kind, bytes);
            Gauge.builder("kiln.disk.used", bytes, AtomicLong::doubleValue)
                .description("What was on the disk at the end of the collector's last run")
                .baseUnit("bytes")
                .tags(one)
                .strongReference(true)
                .register(registry);
            freed.put(kind, Counter.builder("kiln.collector.freed")
                .description("What the collector took away, limits, kiln prune and full disks included")
                .baseUnit("bytes")
                .tags(one)
                .register(registry));
        }
        runs = Counter.builder("kiln.collector.runs")
            .description("Runs of the collector that came to their end")
            .tags(tags)
            .register(registry);
        problems = Counter.builder("kiln.collector.problems")
            .description("What the collector could not list or remove")
            .tags(tags)
            .register(registry);
        gauge(registry, "kiln.disk.free", "Bytes that can be written still to the filesystem", tags, volume::free);
        gauge(registry, "kiln.disk.size", "Bytes that the filesystem has", tags, volume::total);
    }

    private interface Bytes {
        long read() throws IOException;
    }

    private static void gauge(MeterRegistry registry, String name, String description, Tags tags, Bytes bytes) {
        Gauge.builder(name, () -> value(bytes))
            .description(description)
            .baseUnit("bytes")
            .tags(tags)
            .register(registry);
    }

    /** A filesystem that cannot be looked at has no number. */
    private static double value(Bytes bytes) {
        try {
            return bytes.read();
        } catch (IOException _) {
            return Double.NaN;
        }
    }

    @Override
    public void collected(Usage gone, Usage left) {
        runs.increment();
        problems.increment(gone.problems().size());
        sums(gone).forEach((kind, bytes) -> at(freed, kind).increment(bytes));
        Map<Kind, Long> now = sums(left);
        used.forEach((kind, bytes) -> bytes.set(now.getOrDefault(kind, 0L)));
    }

    private static Map<Kind, Long> sums(Usage usage) {
        Map<Kind, Long> sums = new EnumMap<>(Kind.class);
        for (Stocked stocked : usage.items()) {
            sums.merge(stocked.item().kind(), stocked.bytes(), Long::sum);
        }
        return sums;
    }

    private static Counter at(Map<Kind, Counter> counters, Kind kind) {
        Counter counter = counters.get(kind);
        if (counter == null) {
            throw new IllegalStateException("no counter for " + kind);
        }
        return counter;
    }
}
