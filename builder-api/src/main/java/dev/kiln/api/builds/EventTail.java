package dev.kiln.api.builds;

import java.util.ArrayDeque;
import java.util.Deque;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.event.CacheMissJson;
import dev.kiln.queue.event.Notice;

/**
 * Bounds the memory of all entries' tails together: when there is too much, the oldest event of all goes, which is the
 * oldest of its build. Guarded by the ledger's lock.
 */
final class EventTail {
    private static final int OVERHEAD = 250;

    private record Slot(LedgerEntry entry, int weight) {}

    private final Deque<Slot> slots = new ArrayDeque<>();
    private final long limit;
    private long weight;

    /** @param limit bytes, roughly */
    EventTail(long limit) {
        this.limit = limit;
    }

    /** Counts an event that its entry has taken. */
    void added(LedgerEntry entry, BuildEvent event) {
        Slot slot = new Slot(entry, weight(event));
        slots.add(slot);
        weight += slot.weight;
        while (weight > limit) {
            Slot oldest = slots.removeFirst();
            weight -= oldest.weight;
            oldest.entry.drop();
        }
    }

    private static int weight(BuildEvent event) {
        return OVERHEAD + switch (event) {
            case BuildEvent.VertexLog log -> log.text().length();
            case BuildEvent.VertexAdded added -> added.name().length() + 150 * added.inputs().size();
            case BuildEvent.VertexCompleted completed -> completed.error().map(String::length).orElse(0);
            case BuildEvent.VertexMissed missed -> CacheMissJson.tree(missed.miss()).toString().length();
            case BuildEvent.Warning warning -> weight(warning.notice());
            case BuildEvent.Failed failed -> failed.message().length();
            case BuildEvent.Cancelled cancelled -> cancelled.reason().length();
            case BuildEvent.CancelRequested wish -> wish.reason().length();
            case BuildEvent.Queued _,BuildEvent.Started _,BuildEvent.VertexStarted _,BuildEvent.VertexCached _ -> 0;
            case BuildEvent.Publishing _,BuildEvent.Pushed _,BuildEvent.Succeeded _ -> 0;
            case BuildEvent.Exported exported -> weight(exported.image());
        };
    }

    private static int weight(Descriptor image) {
        return image.annotations()
            .entrySet()
            .stream()
            .mapToInt(e -> e.getKey().length() + e.getValue().length())
            .sum();
    }

    private static int weight(Notice notice) {
        return notice.message().length() + notice.detail().stream().mapToInt(String::length).sum();
    }
}
