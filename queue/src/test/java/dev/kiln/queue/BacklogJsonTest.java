package dev.kiln.queue;

import java.nio.charset.StandardCharsets;
import java.util.Map;

import org.junit.jupiter.api.Test;

import dev.kiln.queue.job.Job;
import dev.kiln.queue.json.GoldenJson;
import dev.kiln.queue.json.JsonException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class BacklogJsonTest {
    private static final BacklogEntry WAITING = BacklogEntry.waiting(Job.of(Samples.request(Samples.ID)), Samples.TIME);

    @Test
    void entry_writtenAndRead_isItsFile() {
        GoldenJson.check("backlog-json",
                Map.of("waiting", WAITING, "handed-out", WAITING.handedOut(Samples.TIME), "dead",
                        WAITING.dead(Samples.TIME, "tried 5 times")),
                BacklogJson::write, BacklogJson::read);
    }

    @Test
    void note_longerThanAllowed_isCut() {
        BacklogEntry read = BacklogJson.read(BacklogJson.write(WAITING.dead(Samples.TIME, "x".repeat(10_000))));
        assertThat(read.note().orElseThrow()).hasSize(BacklogJson.MAX_NOTE);
    }

    @Test
    void standing_ofNoKind_isRefused() {
        String json = new String(BacklogJson.write(WAITING), StandardCharsets.UTF_8).replace("\"waiting\"",
                "\"asleep\"");
        assertThatThrownBy(() -> BacklogJson.read(json.getBytes(StandardCharsets.UTF_8)))
            .isInstanceOf(JsonException.class)
            .hasMessageContaining("waiting, handed-out or dead");
    }
}
