package dev.kiln.layercache.lease;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Items that are only numbers. */
final class ToyStock implements Stock {
    final Kind kind;
    final Map<String, Toy> toys = new ConcurrentHashMap<>();
    boolean interrupted;
    final Set<String> stuck = ConcurrentHashMap.newKeySet();
    final List<String> taken = new CopyOnWriteArrayList<>();
    final List<String> disposed = new CopyOnWriteArrayList<>();

    record Toy(long bytes, Instant used, boolean inUse) {}

    ToyStock(Kind kind) {
        this.kind = kind;
    }

    ToyStock with(String id, long bytes, Instant used) {
        toys.put(id, new Toy(bytes, used, false));
        return this;
    }

    Item item(String id) {
        return new Item(kind, id);
    }

    @Override
    public List<Stocked> list() {
        List<Stocked> all = new ArrayList<>();
        toys.forEach((id, toy) -> all.add(new Stocked(item(id), Path.of("/toys", kind.word(), id), toy.bytes,
                new Stocked.Times(toy.used, toy.used), toy.inUse, "")));
        return all;
    }

    @Override
    public void used(String id, Instant when) {
        toys.computeIfPresent(id, (_, toy) -> new Toy(toy.bytes, when, toy.inUse));
    }

    @Override
    public Optional<Disposal> take(String id) throws IOException {
        if (interrupted) {
            throw new ClosedByInterruptException();
        }
        if (stuck.contains(id)) {
            throw new IOException(id + " cannot be removed");
        }
        if (toys.remove(id) == null) {
            return Optional.empty();
        }
        taken.add(id);
        return Optional.of(() -> disposed.add(id));
    }
}
