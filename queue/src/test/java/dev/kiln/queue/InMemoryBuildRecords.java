package dev.kiln.queue;

import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;

import dev.kiln.queue.job.BuildId;

/** {@link BuildRecords} in this process's memory, with the faults that tests want. */
public final class InMemoryBuildRecords implements BuildRecords {
    private final Availability availability = new Availability();
    private final TreeMap<BuildId, byte[]> records = new TreeMap<>();

    /** Makes the broker go away or come back. */
    public void setAvailable(boolean available) {
        availability.set(available);
    }

    @Override
    public void put(BuildRecord record) throws QueueException {
        availability.check("record build " + record.id());
        synchronized (records) {
            records.put(record.id(), RecordJson.write(record));
        }
    }

    @Override
    public void forEach(Consumer<BuildRecord> each) throws QueueException {
        availability.check("read the records of builds");
        List<byte[]> copy;
        synchronized (records) {
            copy = List.copyOf(records.values());
        }
        copy.forEach(json -> each.accept(RecordJson.read(json)));
    }

    @Override
    public void close() {}
}
