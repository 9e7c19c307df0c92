package dev.kiln.queue;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;

import dev.kiln.queue.BuildRecords.BuildRecord;
import dev.kiln.queue.json.GoldenJson;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RecordJsonGoldenTest {
    private static final BuildRecord ENDED = new BuildRecord(Samples.request(Samples.ID), 7,
            Optional.of(Samples.started(Samples.ID, Samples.ATTEMPT, 1)),
            Optional.of(Samples.failed(Samples.ID, Samples.ATTEMPT)));

    @Test
    void record_writtenAndRead_isItsFile() {
        GoldenJson.check("record-json", Map.of("queued", Samples.record(Samples.ID), "ended", ENDED),
                RecordJson::write, RecordJson::read);
    }

    @Test
    void read_outcomeThatIsNoEnd_isRefused() {
        String json = new String(RecordJson.write(ENDED), StandardCharsets.UTF_8).replace(
                "\"outcome\":{\"type\":\"failed\"",
                "\"outcome\":{\"type\":\"warning\"");
        assertThatThrownBy(() -> RecordJson.read(json.getBytes(StandardCharsets.UTF_8)))
            .hasMessage("outcome: unexpected kind of event");
    }
}
