package dev.kiln.queue;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.kiln.queue.BuildRecords.BuildRecord;
import dev.kiln.queue.job.BuildId;

import static org.assertj.core.api.Assertions.assertThat;

/** What all {@link BuildRecords} do. There may be records of other tests. */
@Timeout(60)
public abstract class BuildRecordsContract {
    private final Random random = new Random();

    /** The records; opened for this test or for all. */
    protected abstract BuildRecords records();

    protected final BuildId newId() {
        return BuildId.create(Instant.now(), random);
    }

    @Test
    void forEach_afterPut_givesTheLatestOfEachBuild() throws Exception {
        BuildRecord queued = Samples.record(newId());
        BuildRecord first = Samples.record(newId());
        BuildRecord ended = new BuildRecord(first.request(), first.firstPosition(),
                Optional.of(Samples.started(first.id(), "a", 1)), Optional.of(Samples.failed(first.id(), "a")));
        records().put(queued);
        records().put(first);
        records().put(ended);
        assertThat(all()).containsEntry(queued.id(), queued).containsEntry(first.id(), ended);
    }

    @Test
    void forEach_twice_givesTheSame() throws Exception {
        records().put(Samples.record(newId()));
        assertThat(all()).isEqualTo(all());
    }

    protected final Map<BuildId, BuildRecord> all() throws QueueException {
        Map<BuildId, BuildRecord> all = new HashMap<>();
        records().forEach(record -> assertThat(all.put(record.id(), record)).as("given once").isNull());
        return all;
    }
}
