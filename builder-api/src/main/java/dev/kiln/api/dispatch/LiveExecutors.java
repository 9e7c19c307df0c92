package dev.kiln.api.dispatch;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import dev.kiln.queue.Upkeep;
import dev.kiln.queue.upkeep.UpkeepMessage;
import dev.kiln.queue.upkeep.UpkeepMessage.Presence;

/** Executors that were heard of lately, by this process's clock: those of others may be wrong. Safe for many threads. */
final class LiveExecutors implements AutoCloseable {
    /** Executors tell every 20 seconds that they are there. */
    static final Duration SILENCE = Duration.ofSeconds(65);

    private record Heard(Presence presence, Instant at) {}

    private final InstantSource clock;
    private final Runnable changed;
    private final Map<String, Heard> heard = new ConcurrentHashMap<>();
    private final AutoCloseable listening;

    /** @param changed is called when an executor came or left */
    LiveExecutors(Upkeep upkeep, InstantSource clock, Runnable changed) {
        this.clock = clock;
        this.changed = changed;
        this.listening = upkeep.listen(this::hear);
        upkeep.executors()
            .forEach(presence -> heard.putIfAbsent(presence.executor(), new Heard(presence, clock.instant())));
    }

    private void hear(UpkeepMessage message) {
        if (message instanceof Presence presence) {
            heard.put(presence.executor(), new Heard(presence, clock.instant()));
            changed.run();
        }
    }

    List<Presence> all() {
        Instant since = clock.instant().minus(SILENCE);
        return heard.values()
            .stream()
            .filter(one -> one.at.isAfter(since) && !one.presence.leaving())
            .map(Heard::presence)
            .sorted(Comparator.comparing(Presence::executor))
            .toList();
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (Exception e) {
            throw new IllegalStateException("a listener for executors could not be taken off", e);
        }
    }
}
