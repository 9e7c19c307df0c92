package dev.kiln.api.builds;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import dev.kiln.api.TestFarm;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.event.CacheMiss;
import dev.kiln.queue.event.CacheMiss.Difference;
import dev.kiln.queue.job.BuildId;

import static dev.kiln.queue.Samples.DIGEST;
import static dev.kiln.queue.Samples.OTHER_DIGEST;
import static dev.kiln.queue.Samples.TIME;
import static dev.kiln.queue.Samples.started;
import static dev.kiln.queue.Samples.succeeded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@Timeout(60)
class WhyTest {
    private static final CacheMiss MISS = new CacheMiss.Changed(TIME, List.of(new Difference.Setting(
            Difference.Kind.ARGUMENT, "V", Optional.of("1"), Optional.of("2"))), 0);

    @TempDir
    Path folder;
    private TestFarm farm;
    private BuildId id;

    @BeforeEach
    void start() throws Exception {
        farm = new TestFarm(folder);
        farm.awaitReady();
        id = farm.submit();
    }

    @AfterEach
    void stop() throws Exception {
        farm.close();
    }

    private JsonNode why() throws Exception {
        return new JsonMapper().readTree(farm.get("/v1/builds/" + id + "/why").body());
    }

    private void run(String attempt, int delivery) throws Exception {
        farm.emit(started(id, attempt, delivery),
                new BuildEvent.VertexAdded(id, TIME, attempt, OTHER_DIGEST, "[1/2] FROM x", List.of()),
                new BuildEvent.VertexAdded(id, TIME, attempt, DIGEST, "[2/2] RUN make", List.of(OTHER_DIGEST)),
                new BuildEvent.VertexCached(id, TIME, attempt, OTHER_DIGEST),
                new BuildEvent.VertexStarted(id, TIME, attempt, DIGEST));
    }

    @Test
    void why_ofAQueuedBuild_hasNoSteps() throws Exception {
        assertThat(why().path("steps")).isEmpty();
        assertThat(why().path("id").asString()).isEqualTo(id.value());
    }

    @Test
    void why_ofABuild_saysOfEachStepWhatBecameOfIt() throws Exception {
        run("a", 1);
        await().atMost(Duration.ofSeconds(30)).until(() -> why().path("steps").size() == 2);
        farm.emit(new BuildEvent.VertexMissed(id, TIME, "a", DIGEST, MISS),
                new BuildEvent.VertexCompleted(id, TIME, "a", DIGEST, Optional.empty()), succeeded(id, "a"));
        farm.awaitState(id, "succeeded");
        JsonNode steps = why().path("steps");
        assertThat(steps).extracting(step -> step.path("name").asString() + " " + step.path("state").asString())
            .containsExactly("[1/2] FROM x cached", "[2/2] RUN make done");
        assertThat(steps.get(0).has("miss")).isFalse();
        assertThat(steps.get(1).path("miss").path("differences").get(0).path("after").asString()).isEqualTo("2");
    }

    @Test
    void why_ofASecondAttempt_forgetsTheFirst() throws Exception {
        run("a", 1);
        farm.emit(new BuildEvent.VertexMissed(id, TIME, "a", DIGEST, MISS));
        run("b", 2);
        farm.emit(new BuildEvent.VertexCompleted(id, TIME, "b", DIGEST, Optional.of("exit code: 1")));
        await().atMost(Duration.ofSeconds(30))
            .until(() -> why().path("steps").path(1).path("state").asString("").equals("failed"));
        assertThat(why().path("steps")).hasSize(2).noneMatch(step -> step.has("miss"));
    }
}
