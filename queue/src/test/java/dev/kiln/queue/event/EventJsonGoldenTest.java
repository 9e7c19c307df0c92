package dev.kiln.queue.event;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.queue.Samples;
import dev.kiln.queue.event.CacheMiss.Difference;
import dev.kiln.queue.json.GoldenJson;
import dev.kiln.queue.json.JsonException;

import static dev.kiln.queue.Samples.ATTEMPT;
import static dev.kiln.queue.Samples.DIGEST;
import static dev.kiln.queue.Samples.ID;
import static dev.kiln.queue.Samples.OTHER_DIGEST;
import static dev.kiln.queue.Samples.TIME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class EventJsonGoldenTest {

    private static Map<String, BuildEvent> events() {
        Map<String, BuildEvent> events = new HashMap<>();
        events.put("queued", new BuildEvent.Queued(ID, TIME, Samples.fullRequest(ID)));
        events.put("cancel-requested", new BuildEvent.CancelRequested(ID, TIME, "by ada"));
        events.put("started", Samples.started(ID, ATTEMPT, 2));
        events.put("vertex-added", new BuildEvent.VertexAdded(ID, TIME, ATTEMPT, DIGEST, "[build 2/4] RUN make",
                List.of(OTHER_DIGEST)));
        events.put("vertex-added-root", new BuildEvent.VertexAdded(ID, TIME, ATTEMPT, DIGEST, "[1/4] FROM busybox",
                List.of()));
        events.put("vertex-started", new BuildEvent.VertexStarted(ID, TIME, ATTEMPT, DIGEST));
        events.put("vertex-missed-first", missed(new CacheMiss.First()));
        events.put("vertex-missed-not-wanted", missed(new CacheMiss.NotWanted(CacheMiss.Wish.COMMENT)));
        events.put("vertex-missed-expired", missed(new CacheMiss.Expired(TIME, Duration.ofHours(24))));
        events.put("vertex-missed-removed", missed(new CacheMiss.Removed(TIME, "a layer of it is gone")));
        events.put("vertex-missed-unreadable", missed(new CacheMiss.Unreadable("Input/output error")));
        events.put("vertex-missed-changed", missed(new CacheMiss.Changed(TIME, differences(), 3)));
        events.put("vertex-cached", new BuildEvent.VertexCached(ID, TIME, ATTEMPT, DIGEST));
        events.put("vertex-completed", new BuildEvent.VertexCompleted(ID, TIME, ATTEMPT, DIGEST, Optional.empty()));
        events.put("vertex-completed-error", new BuildEvent.VertexCompleted(ID, TIME, ATTEMPT, DIGEST,
                Optional.of("make: exit code 2")));
        events.put("vertex-log", new BuildEvent.VertexLog(ID, TIME, ATTEMPT, DIGEST, 2,
                "warning: “x”\tunused 🔥\r\n\u001b[0m"));
        events.put("warning", new BuildEvent.Warning(ID, TIME, ATTEMPT, "steps share the host's network"));
        events.put("warning-of-a-rule", new BuildEvent.Warning(ID, TIME, ATTEMPT, Optional.of(DIGEST),
                new Notice(Optional.of("CopyMatchedNothing"), "no file matches \"*.txt\"",
                        Optional.of("https://docs.example/rules/copy-matched-nothing"), List.of("one", "two"),
                        List.of(new Notice.Lines(3, 5), new Notice.Lines(9, 9)))));
        events.put("publishing", Samples.publishing(ID, ATTEMPT));
        events.put("pushed", new BuildEvent.Pushed(ID, TIME, ATTEMPT, ImageReference.parse("localhost:5000/app:1"),
                DIGEST));
        events.put("exported",
                new BuildEvent.Exported(ID, TIME, ATTEMPT, 1, Samples.image(), Optional.of(OTHER_DIGEST)));
        events.put("succeeded", Samples.succeeded(ID, ATTEMPT));
        events.put("failed", Samples.failed(ID, ATTEMPT));
        events.put("failed-before-any-attempt", new BuildEvent.Failed(ID, TIME, Optional.empty(),
                BuildEvent.Reason.ATTEMPTS_EXHAUSTED, "delivered 5 times", Optional.empty(), Optional.empty(),
                true, Optional.empty()));
        events.put("cancelled", new BuildEvent.Cancelled(ID, TIME, Optional.of(ATTEMPT), "by ada",
                Optional.of(Samples.logBlob())));
        return events;
    }

    private static BuildEvent missed(CacheMiss miss) {
        return new BuildEvent.VertexMissed(ID, TIME, ATTEMPT, DIGEST, miss);
    }

    private static List<Difference> differences() {
        return List.of(
                new Difference.Setting(Difference.Kind.ARGUMENT, "VERSION", Optional.of("1.2"), Optional.of("1.3")),
                new Difference.Setting(Difference.Kind.MOUNT, "/cache", Optional.empty(), Optional.of("cache")),
                new Difference.Base("busybox", Optional.of(OTHER_DIGEST.toString()), DIGEST.toString()),
                new Difference.File("[internal] load build context", "run.sh", Difference.Change.MODE,
                        Optional.of("0644"), Optional.of("0755")),
                new Difference.File("[internal] load build context", "a.c", Difference.Change.ADDED,
                        Optional.empty(), Optional.empty()),
                new Difference.Input("[build 2/5] COPY . .", DIGEST, Difference.Outcome.OTHER_FILES));
    }

    @Test
    void read_missOfANewerVersion_isEmpty() {
        assertThat(EventJson.read(bytes("{\"type\":\"vertex-missed\",\"build\":\"" + ID + "\",\"at\":\"" + TIME
                + "\",\"attempt\":\"a\",\"vertex\":\"" + DIGEST + "\",\"miss\":{\"type\":\"solar-flare\"}}")))
            .isEmpty();
    }

    @Test
    void read_differenceOfANewerVersion_isCountedAmongTheRest() {
        String json = new String(EventJson.write(missed(new CacheMiss.Changed(TIME, differences(), 3))),
                StandardCharsets.UTF_8)
            .replace("\"type\":\"base\"", "\"type\":\"moon\"")
            .replace("\"change\":\"mode\"", "\"change\":\"smell\"");
        BuildEvent.VertexMissed event = (BuildEvent.VertexMissed) EventJson.read(bytes(json)).orElseThrow();
        CacheMiss.Changed changed = (CacheMiss.Changed) event.miss();
        assertThat(changed.differences()).hasSize(differences().size() - 2);
        assertThat(changed.more()).isEqualTo(5);
    }

    @Test
    void event_writtenAndRead_isItsFile() {
        GoldenJson.check("event-json", events(), EventJson::write, json -> EventJson.read(json).orElseThrow());
    }

    @Test
    void samples_coverEveryKindOfEvent() {
        assertThat(events().values().stream().map(Object::getClass)).containsAll(leaves(BuildEvent.class)
            .collect(Collectors.toSet()));
    }

    @Test
    void read_typeOfANewerVersion_isEmpty() {
        assertThat(EventJson.read(bytes("{\"type\":\"signed\",\"build\":\"" + ID + "\",\"at\":\"" + TIME + "\"}")))
            .isEmpty();
    }

    @Test
    void read_reasonOfANewerVersion_isInternal() {
        BuildEvent event = EventJson.read(bytes("{\"type\":\"failed\",\"build\":\"" + ID + "\",\"at\":\"" + TIME
                + "\",\"reason\":\"moon-phase\",\"message\":\"m\"}"))
            .orElseThrow();
        assertThat(((BuildEvent.Failed) event).reason()).isEqualTo(BuildEvent.Reason.INTERNAL);
    }

    @Test
    void read_streamThree_isRefused() {
        String json = new String(EventJson.write(Samples.log(ID, "x")), StandardCharsets.UTF_8)
            .replace("\"stream\":1", "\"stream\":3");
        assertThatThrownBy(() -> EventJson.read(bytes(json))).isInstanceOf(JsonException.class)
            .hasMessage("a stream is 1 or 2");
    }

    private static Stream<Class<?>> leaves(Class<?> type) {
        return type.isSealed()
                ? Stream.of(type.getPermittedSubclasses()).flatMap(EventJsonGoldenTest::leaves)
                : Stream.of(type);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
