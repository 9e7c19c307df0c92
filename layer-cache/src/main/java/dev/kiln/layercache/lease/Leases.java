package dev.kiln.layercache.lease;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

/*
 * Who looks an item up does not say for whom, and need not: what is used while a lease is open belongs to that lease as far
 * as anybody can tell, so it stays until every lease that was open at its last use has closed. That holds too much when a
 * build takes hours, and never too little; and a look-up costs an entry in a map, no write to the disk.
 *
 * The rule that makes it safe: use first, then look. Either the use comes before the removal has begun, and there is none;
 * or it waits for the few microseconds that a removal takes to make the item invisible, and then the look finds nothing.
 */

/** What is in use, in this process. Safe for many threads. */
public final class Leases {
    private final InstantSource clock;
    /** Guarded by this, as all below. Items used of late, and those that somebody holds. */
    private final Map<Item, Use> uses = new HashMap<>();
    private final TreeSet<Long> open = new TreeSet<>();
    private long serial;

    private static final class Use {
        long serial;
        Instant last = Instant.MIN;
        Instant until = Instant.MIN;
        boolean going;
    }

    public Leases(InstantSource clock) {
        this.clock = clock;
    }

    /** Opens a lease; whatever is used from now on stays until it closes. */
    public synchronized Lease open() {
        open.add(++serial);
        return new Lease(this, serial);
    }

    synchronized void close(long start) {
        open.remove(start);
    }

    /**
     * Notes that somebody uses the item now, whether or not it is there; call this before looking for it. Every lease that is
     * open holds it.
     */
    public void use(Item item) {
        use(item, Duration.ZERO);
    }

    /** As {@link #use(Item)}; beyond that the item stays for {@code grace}, or until {@link #settle}. */
    public synchronized void use(Item item, Duration grace) {
        Use use = awaitRemoval(item);
        use.serial = serial;
        use.last = clock.instant();
        Instant until = use.last.plus(grace);
        if (grace.isPositive() && until.isAfter(use.until)) {
            use.until = until;
        }
    }

    /** Ends the grace of items that were not used since a time: something durable holds them now, or nothing shall. */
    public synchronized void settle(Collection<Item> items, Instant unusedSince) {
        for (Item item : items) {
            Use use = uses.get(item);
            if (use != null && !use.last.isAfter(unusedSince)) {
                use.until = Instant.MIN;
            }
        }
    }

    private Use awaitRemoval(Item item) {
        boolean interrupted = false;
        Use use = uses.computeIfAbsent(item, _ -> new Use());
        while (use.going) {
            try {
                wait();
            } catch (InterruptedException _) {
                interrupted = true;
            }
            use = uses.computeIfAbsent(item, _ -> new Use());
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return use;
    }

    /** Whether some lease, or a grace, keeps the item from going. */
    public synchronized boolean isHeld(Item item) {
        return isHeld(uses.get(item));
    }

    private boolean isHeld(@Nullable Use use) {
        return use != null && (!open.isEmpty() && use.serial >= open.first() || use.until.isAfter(clock.instant()));
    }

    /** When the item was used last, as far as this process remembers. */
    synchronized Optional<Instant> lastUse(Item item) {
        Use use = uses.get(item);
        return use == null ? Optional.empty() : Optional.of(use.last);
    }

    /** Removes something; throws when it cannot. */
    @FunctionalInterface
    public interface Removal<T> {
        Optional<T> run() throws IOException;
    }

    /**
     * Runs {@code removal} unless the item is held. While it runs, nobody comes to use the item: they wait, so it must be
     * quick.
     *
     * @return empty also when the item is held
     */
    public <T> Optional<T> remove(Item item, Removal<T> removal) throws IOException {
        synchronized (this) {
            Use use = awaitRemoval(item);
            if (isHeld(use)) {
                return Optional.empty();
            }
            use.going = true;
        }
        try {
            return removal.run();
        } finally {
            synchronized (this) {
                uses.remove(item);
                notifyAll();
            }
        }
    }

    /** Forgets uses that hold nothing; call when they are written down. */
    synchronized void forgetBefore(Instant time) {
        uses.values().removeIf(use -> !use.going && !isHeld(use) && use.last.isBefore(time));
    }
}
