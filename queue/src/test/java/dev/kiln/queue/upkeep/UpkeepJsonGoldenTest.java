package dev.kiln.queue.upkeep;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;

import dev.kiln.queue.json.GoldenJson;
import dev.kiln.queue.json.JsonException;
import dev.kiln.queue.upkeep.UpkeepMessage.Answer;
import dev.kiln.queue.upkeep.UpkeepMessage.Presence;
import dev.kiln.queue.upkeep.UpkeepMessage.Question;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

class UpkeepJsonGoldenTest {
    private static final Instant THEN = Instant.parse("2026-08-01T12:00:00Z");
    private static final Map<String, UpkeepMessage> MESSAGES = Map.of("presence",
            new Presence("executor-1", THEN, true, 4, List.of("linux/amd64", "linux/arm64")), "usage",
            new Question("q1", new Wish.Usage()), "prune",
            new Question("q2", new Wish.Prune(Set.of("layer"), Set.of("step-1"), Duration.ofHours(48),
                    new Wish.Space(1, 2, 3), true)),
            "answer", new Answer("q1", "executor-1", true, List.of(new UsageRecord("blob", "sha256:aa", 4096, THEN,
                    THEN.plusSeconds(60), true, "part of an image")), List.of("removing layer x failed: busy")));

    @Test
    void message_writtenAndRead_isItsFile() {
        GoldenJson.check("upkeep-json", MESSAGES, UpkeepJson::write, UpkeepJson::read);
    }

    @Test
    void read_limitBelowNothing_isRefused() {
        String json = new String(UpkeepJson.write(MESSAGES.get("prune")), StandardCharsets.UTF_8).replace(
                "\"maxUsed\":2", "\"maxUsed\":-2");
        assertThatThrownBy(() -> UpkeepJson.read(json.getBytes(StandardCharsets.UTF_8)))
            .isInstanceOf(JsonException.class)
            .hasMessageContaining("0 or more bytes");
    }

    @Test
    void read_wordThatIsNoMessage_isRefused() {
        assertThatThrownBy(() -> UpkeepJson.read("{\"type\":\"order\"}".getBytes(StandardCharsets.UTF_8)))
            .isInstanceOf(JsonException.class)
            .hasMessageContaining("no such message");
    }
}
