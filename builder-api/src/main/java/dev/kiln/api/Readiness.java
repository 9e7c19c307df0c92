package dev.kiln.api;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

import dev.kiln.api.builds.BuildLedger;
import dev.kiln.metrics.BrokerProbe;
import dev.kiln.queue.EventLog;

/** Whether requests can be served: the broker answers and the ledger knows all builds. Safe for many threads. */
final class Readiness {
    private final BrokerProbe broker;
    private final BuildLedger ledger;

    Readiness(EventLog events, BuildLedger ledger, InstantSource clock) {
        this.broker = new BrokerProbe(events, clock);
        this.ledger = ledger;
    }

    /** What is missing; nothing when requests can be served. */
    List<String> missing() throws InterruptedException {
        List<String> missing = new ArrayList<>();
        broker.problem().ifPresent(missing::add);
        if (!ledger.caughtUp()) {
            missing.add("the log of builds is still being read");
        }
        return missing;
    }
}
