package dev.kiln.queue;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

import dev.kiln.queue.job.BuildId;

/** A {@link Backlog} in this process's memory. */
public final class InMemoryBacklog implements Backlog {
    private final Availability availability = new Availability();
    private final TreeMap<String, BacklogEntry> entries = new TreeMap<>();
    private final Set<Runnable> listeners = ConcurrentHashMap.newKeySet();

    /** Makes the broker go away or come back. */
    public void setAvailable(boolean available) {
        availability.set(available);
    }

    @Override
    public void put(BacklogEntry entry) throws QueueException {
        availability.check("keep build " + entry.build());
        synchronized (entries) {
            entries.put(entry.build().value(), BacklogJson.read(BacklogJson.write(entry)));
        }
        listeners.forEach(Runnable::run);
    }

    @Override
    public void remove(BuildId build) throws QueueException {
        availability.check("remove build " + build);
        synchronized (entries) {
            entries.remove(build.value());
        }
        listeners.forEach(Runnable::run);
    }

    @Override
    public Optional<BacklogEntry> get(BuildId build) {
        synchronized (entries) {
            return Optional.ofNullable(entries.get(build.value()));
        }
    }

    @Override
    public List<BacklogEntry> entries() {
        synchronized (entries) {
            return List.copyOf(entries.values());
        }
    }

    @Override
    public int size() {
        return entries().size();
    }

    @Override
    public AutoCloseable listen(Runnable listener) {
        Runnable own = listener::run;
        listeners.add(own);
        return () -> listeners.remove(own);
    }

    @Override
    public void close() {}
}
