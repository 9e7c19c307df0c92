package dev.kiln.layercache.lease;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes items away, the longest unused first, one after the other; builds go on meanwhile. One run at a time. Safe for many
 * threads; an interrupt ends a run between two items.
 */
public final class Collector {
    private static final Logger LOG = LoggerFactory.getLogger(Collector.class);
    /** Uses later than what the disk says by less are not written down. */
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final List<Stock> stocks;
    private final Leases leases;
    private final Volume volume;
    private final IndexSweep index;
    private final InstantSource clock;
    private final CollectorMeter meter;
    private final ReentrantLock turn = new ReentrantLock();

    /** @param index is swept after items went */
    public Collector(List<Stock> stocks, Leases leases, Volume volume, IndexSweep index, InstantSource clock) {
        this(stocks, leases, volume, index, clock, CollectorMeter.NONE);
    }

    /** @param index is swept after items went */
    public Collector(List<Stock> stocks, Leases leases, Volume volume, IndexSweep index, InstantSource clock,
            CollectorMeter meter) {
        this.stocks = List.copyOf(stocks);
        this.leases = leases;
        this.volume = volume;
        this.index = index;
        this.clock = clock;
        this.meter = meter;
    }

    /** All that is there. */
    public Usage usage() throws IOException {
        List<String> problems = new ArrayList<>();
        return new Usage(List.copyOf(list(problems).keySet()), problems);
    }

    /** Applies the policies, in their order. Returns what went. */
    public Usage collect(List<Policy> policies) throws IOException {
        turn.lock();
        try {
            List<String> problems = new ArrayList<>();
            Map<Stocked, Stock> left = list(problems);
            List<Stocked> gone = new ArrayList<>();
            for (Policy policy : policies) {
                apply(policy, left, gone, problems);
            }
            boolean everything = policies.stream().anyMatch(Policy::isEverything);
            if (!gone.isEmpty() || everything) {
                index.sweep(everything);
            }
            Usage collected = new Usage(gone, problems);
            meter.collected(collected, new Usage(List.copyOf(left.keySet()), List.of()));
            return collected;
        } finally {
            turn.unlock();
        }
    }

    /** Bytes that can be written still to the filesystem. */
    public long free() throws IOException {
        return volume.free();
    }

    private Map<Stocked, Stock> list(List<String> problems) throws ClosedByInterruptException {
        Map<Stocked, Stock> all = new HashMap<>();
        for (Stock stock : stocks) {
            try {
                for (Stocked stocked : stock.list()) {
                    Instant onDisk = stocked.times().lastUsed();
                    Instant last = leases.lastUse(stocked.item()).filter(onDisk::isBefore).orElse(onDisk);
                    if (last.isAfter(onDisk.plus(MINUTE))) {
                        // So that the next process knows it too.
                        stock.used(stocked.item().id(), last);
                    }
                    all.put(stocked.with(last, leases.isHeld(stocked.item())), stock);
                }
            } catch (ClosedByInterruptException e) {
                throw e;
            } catch (IOException e) {
                LOG.warn("action=list stock={} outcome=failed", stock.getClass().getSimpleName(), e);
                problems.add("listing failed: " + e.getMessage());
            }
        }
        leases.forgetBefore(clock.instant().minus(MINUTE));
        return all;
    }

    private void apply(Policy policy, Map<Stocked, Stock> left, List<Stocked> gone, List<String> problems)
            throws IOException {
        long used = left.keySet().stream().mapToLong(Stocked::bytes).sum();
        OptionalLong keep = policy.limits().keepBytes(used, volume.free());
        Instant now = clock.instant();
        List<Stocked> candidates = left.keySet()
            .stream()
            .filter(stocked -> policy.takes(stocked, now))
            .sorted(Comparator.comparing((Stocked stocked) -> stocked.times().lastUsed())
                .thenComparing(stocked -> stocked.item().toString()))
            .toList();
        for (Stocked stocked : candidates) {
            if (keep.isPresent() && used <= keep.getAsLong() || Thread.currentThread().isInterrupted()) {
                return;
            }
            Stock stock = left.get(stocked);
            if (stock != null && remove(stocked, stock, problems)) {
                used -= stocked.bytes();
                left.remove(stocked);
                gone.add(stocked);
            }
        }
    }

    private boolean remove(Stocked stocked, Stock stock, List<String> problems) throws ClosedByInterruptException {
        try {
            Optional<Stock.Disposal> disposal = leases.remove(stocked.item(), () -> stock.take(stocked.item().id()));
            if (disposal.isEmpty()) {
                return false;
            }
            disposal.get().run();
            LOG.debug("action=collect item=\"{}\" bytes={}", stocked.item(), stocked.bytes());
            return true;
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            LOG.warn("action=collect item=\"{}\" outcome=failed", stocked.item(), e);
            problems.add("removing " + stocked.item() + " failed: " + e.getMessage());
            return false;
        }
    }
}
