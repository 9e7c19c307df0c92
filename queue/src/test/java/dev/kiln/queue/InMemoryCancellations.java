package dev.kiln.queue;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.queue.job.BuildId;

/** {@link Cancellations} in this process's memory, with the faults that tests want. */
public final class InMemoryCancellations implements Cancellations {
    private static final Logger LOG = LoggerFactory.getLogger(InMemoryCancellations.class);

    private final Availability availability;
    private final Map<BuildId, Cancellation> wishes;
    private final Set<Consumer<Cancellation>> listeners;

    public InMemoryCancellations() {
        this(new Availability(), new ConcurrentHashMap<>(), ConcurrentHashMap.newKeySet());
    }

    private InMemoryCancellations(Availability availability, Map<BuildId, Cancellation> wishes,
            Set<Consumer<Cancellation>> listeners) {
        this.availability = availability;
        this.wishes = wishes;
        this.listeners = listeners;
    }

    /** What another process sees. */
    public InMemoryCancellations other() {
        return new InMemoryCancellations(availability, wishes, listeners);
    }

    /** Makes the broker go away or come back. */
    public void setAvailable(boolean available) {
        availability.set(available);
    }

    @Override
    public void request(Cancellation wish) throws QueueException {
        availability.check("cancel build " + wish.build());
        wishes.put(wish.build(), wish);
        for (Consumer<Cancellation> listener : listeners) {
            try {
                listener.accept(wish);
            } catch (RuntimeException e) {
                LOG.error("cancel listener failed build={}", wish.build(), e);
            }
        }
    }

    @Override
    public Optional<Cancellation> of(BuildId build) {
        return Optional.ofNullable(wishes.get(build));
    }

    @Override
    public AutoCloseable listen(Consumer<Cancellation> listener) {
        Consumer<Cancellation> own = listener::accept;
        listeners.add(own);
        return () -> listeners.remove(own);
    }

    @Override
    public void close() {}
}
