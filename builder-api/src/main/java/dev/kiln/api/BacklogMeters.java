package dev.kiln.api;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

import dev.kiln.api.builds.BuildLedger;
import dev.kiln.api.builds.BuildLedger.Backlog;
import dev.kiln.queue.job.QueueOptions;

/**
 * What waits and runs on the farm, as the ledger knows it: every API process says the same. Before the ledger has caught up
 * there are no numbers. The ledger is looked through at most once a second. Safe for many threads.
 */
final class BacklogMeters {
    private static final Duration FRESH = Duration.ofSeconds(1);
    /** Names are the clients' to choose; what comes after so many tenants is not shown by name. */
    private static final int MAX_TENANTS = 100;
    private static final String OTHERS = "(others)";

    private final BuildLedger ledger;
    private final InstantSource clock;
    private final MeterRegistry registry;
    private final Set<String> shown = new HashSet<>();
    private Instant looked = Instant.MIN;
    private Map<String, Backlog> backlogs = Map.of();

    private BacklogMeters(BuildLedger ledger, InstantSource clock, MeterRegistry registry) {
        this.ledger = ledger;
        this.clock = clock;
        this.registry = registry;
    }

    /** Each tenant is shown from its first build on. */
    static void register(BuildLedger ledger, InstantSource clock, MeterRegistry registry) {
        BacklogMeters meters = new BacklogMeters(ledger, clock, registry);
        meters.show(QueueOptions.DEFAULT_TENANT);
        Gauge.builder("kiln.event.streams", ledger::readers)
            .description("Clients that follow the events or the log of a build")
            .register(registry);
        Gauge.builder("kiln.ledger.caught.up", () -> ledger.caughtUp() ? 1 : 0)
            .description("1 when this process knows all builds")
            .register(registry);
        // For as long as the ledger lives, which is as long as the process does.
        var _ = ledger.listen(meters::look);
    }

    private void show(String tenant) {
        if (!shown.add(tenant)) {
            return;
        }
        gauge("kiln.queue.builds", tenant, "Builds that were accepted and that no executor has begun", Backlog::queued);
        gauge("kiln.running.builds", tenant,
                "Builds that an executor began and that have not ended, those included that wait for another attempt",
                Backlog::running);
        Gauge.builder("kiln.queue.oldest.age", () -> read(tenant, now -> now.oldest().toMillis() / 1000.0))
            .description("How long the oldest build waits that no executor has begun; 0 when there is none")
            .baseUnit("seconds")
            .tag("tenant", tenant)
            .register(registry);
    }

    private void gauge(String name, String tenant, String description, ToDoubleFunction<Backlog> value) {
        Gauge.builder(name, () -> read(tenant, value))
            .description(description)
            .tag("tenant", tenant)
            .register(registry);
    }

    private synchronized double read(String tenant, ToDoubleFunction<Backlog> value) {
        if (!ledger.caughtUp()) {
            return Double.NaN;
        }
        look();
        return value.applyAsDouble(backlogs.getOrDefault(tenant, Backlog.NONE));
    }

    private synchronized void look() {
        Instant now = clock.instant();
        if (!looked.isBefore(now.minus(FRESH))) {
            return;
        }
        looked = now;
        Map<String, Backlog> named = new HashMap<>();
        ledger.backlog(now).forEach((tenant, backlog) -> {
            String name = shown.contains(tenant) || shown.size() < MAX_TENANTS ? tenant : OTHERS;
            show(name);
            named.merge(name, backlog, Backlog::plus);
        });
        backlogs = named;
    }
}
