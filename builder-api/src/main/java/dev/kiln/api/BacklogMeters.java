package dev.kiln.api;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

import dev.kiln.api.builds.BuildLedger;
import dev.kiln.api.builds.BuildLedger.Backlog;

/**
 * What waits and runs on the farm, as the ledger knows it: every API process says the same. Before the ledger has caught up
 * there are no numbers. The ledger is looked through at most once a second. Safe for many threads.
 */
final class BacklogMeters {
    private static final Duration FRESH = Duration.ofSeconds(1);
    /** One today; the label is there so that queries stay as they are when there are more. */
    private static final String TENANT = "default";

    private final BuildLedger ledger;
    private final InstantSource clock;
    private Instant looked = Instant.MIN;
    private Backlog backlog = new Backlog(0, 0, Duration.ZERO);

    private BacklogMeters(BuildLedger ledger, InstantSource clock) {
        this.ledger = ledger;
        this.clock = clock;
    }

    static void register(BuildLedger ledger, InstantSource clock, MeterRegistry registry) {
        BacklogMeters meters = new BacklogMeters(ledger, clock);
        meters.gauge(registry, "kiln.queue.builds", "Builds that were accepted and that no executor has begun",
                Backlog::queued);
        meters.gauge(registry, "kiln.running.builds",
                "Builds that an executor began and that have not ended, those included that wait for another attempt",
                Backlog::running);
        Gauge.builder("kiln.queue.oldest.age", () -> meters.read(now -> now.oldest().toMillis() / 1000.0))
            .description("How long the oldest build waits that no executor has begun; 0 when there is none")
            .baseUnit("seconds")
            .tag("tenant", TENANT)
            .register(registry);
        Gauge.builder("kiln.event.streams", ledger::readers)
            .description("Clients that follow the events or the log of a build")
            .register(registry);
        Gauge.builder("kiln.ledger.caught.up", () -> ledger.caughtUp() ? 1 : 0)
            .description("1 when this process knows all builds")
            .register(registry);
    }

    private void gauge(MeterRegistry registry, String name, String description, ToDoubleFunction<Backlog> value) {
        Gauge.builder(name, () -> read(value)).description(description).tag("tenant", TENANT).register(registry);
    }

    private synchronized double read(ToDoubleFunction<Backlog> value) {
        if (!ledger.caughtUp()) {
            return Double.NaN;
        }
        Instant now = clock.instant();
        if (looked.isBefore(now.minus(FRESH))) {
            backlog = ledger.backlog(now);
            looked = now;
        }
        return value.applyAsDouble(backlog);
    }
}
