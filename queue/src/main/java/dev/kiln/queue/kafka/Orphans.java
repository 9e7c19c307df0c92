package dev.kiln.queue.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims of this process whose records the broker has forgotten to be locked, as it does when it restarts or a partition
 * moves to another.
 *
 * <p>The builds go on: the broker will hand the records out again, most likely to a member of this process, which then
 * holds them for the same claims as if nothing had happened. Should another process get one, it starts another attempt,
 * and of the two only that one may publish ({@link dev.kiln.queue.EventLog#mayPublish}). A claim that nobody found again
 * in time is lost.
 */
final class Orphans implements Holder {
    private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);

    private record Orphan(KafkaClaim claim, CompletableFuture<Void> found) {}

    private final Duration patience;
    private final Map<RecordId, Orphan> orphans = new HashMap<>();

    Orphans(Duration patience) {
        this.patience = patience;
    }

    void add(RecordId id, KafkaClaim claim) {
        CompletableFuture<Void> found = new CompletableFuture<>();
        synchronized (this) {
            orphans.put(id, new Orphan(claim, found));
        }
        LOG.warn("the broker forgot a claim, the build goes on build={} partition={} offset={}", claim.request().id(),
                id.partition(), id.offset());
        found.orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS).whenComplete((ok, late) -> {
            if (late != null && remove(id)) {
                claim.lose("the broker forgot it, and it was not handed to this process again");
            }
        });
    }

    /** Takes the claim that a record belongs to, for a member that has just been given the record. */
    Optional<KafkaClaim> adopt(RecordId id, Holder holder) {
        Orphan orphan;
        synchronized (this) {
            orphan = orphans.remove(id);
            if (orphan == null) {
                return Optional.empty();
            }
            orphan.claim.moveTo(holder);
        }
        orphan.found.complete(null);
        LOG.info("a forgotten claim is held again build={}", orphan.claim.request().id());
        return Optional.of(orphan.claim);
    }

    synchronized boolean isEmpty() {
        return orphans.isEmpty();
    }

    /** The claim stays here as one that has ended, so that whoever is given the record completes it at once. */
    @Override
    public synchronized boolean complete(KafkaClaim claim) {
        return holds(claim);
    }

    /** The broker hands it out again by itself, so this only forgets it; the delay cannot be kept. */
    @Override
    public synchronized boolean giveBack(KafkaClaim claim, Duration delay) {
        return orphans.values().removeIf(orphan -> orphan.claim == claim && orphan.found.complete(null));
    }

    /** Nobody will look for them any more. */
    void loseAll() {
        List<Orphan> all;
        synchronized (this) {
            all = List.copyOf(orphans.values());
            orphans.clear();
        }
        all.forEach(orphan -> {
            orphan.found.complete(null);
            orphan.claim.lose("the queue was closed while the broker was away");
        });
    }

    private boolean holds(KafkaClaim claim) {
        return orphans.values().stream().anyMatch(orphan -> orphan.claim == claim);
    }

    private synchronized boolean remove(RecordId id) {
        return orphans.remove(id) != null;
    }
}
