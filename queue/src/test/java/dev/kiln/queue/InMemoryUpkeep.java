package dev.kiln.queue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.queue.upkeep.UpkeepMessage;
import dev.kiln.queue.upkeep.UpkeepMessage.Presence;

/** {@link Upkeep} in this process's memory. */
public final class InMemoryUpkeep implements Upkeep {
    private static final Logger LOG = LoggerFactory.getLogger(InMemoryUpkeep.class);

    private final Availability availability = new Availability();
    private final Map<String, Presence> executors = new ConcurrentHashMap<>();
    private final Set<Consumer<UpkeepMessage>> listeners = ConcurrentHashMap.newKeySet();

    /** Makes the broker go away or come back. */
    public void setAvailable(boolean available) {
        availability.set(available);
    }

    @Override
    public synchronized void send(UpkeepMessage message) throws QueueException {
        availability.check("send a message");
        if (message instanceof Presence presence) {
            executors.put(presence.executor(), presence);
        }
        for (Consumer<UpkeepMessage> listener : listeners) {
            try {
                listener.accept(message);
            } catch (RuntimeException e) {
                LOG.error("listener failed", e);
            }
        }
    }

    @Override
    public AutoCloseable listen(Consumer<UpkeepMessage> listener) {
        Consumer<UpkeepMessage> own = listener::accept;
        listeners.add(own);
        return () -> listeners.remove(own);
    }

    @Override
    public List<Presence> executors() {
        return List.copyOf(executors.values());
    }

    @Override
    public void close() {}
}
