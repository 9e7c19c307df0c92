package dev.kiln.api.dispatch;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.api.ApiConfig;
import dev.kiln.api.TestFarm;
import dev.kiln.queue.BacklogEntry.Standing;
import dev.kiln.queue.Claim;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.job.Priority;
import dev.kiln.queue.job.QueueOptions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Builds from the door to the executors, over real HTTP. */
@Timeout(60)
class QueueTest {
    @TempDir
    private Path folder;
    private TestFarm farm;

    @BeforeEach
    void open() throws Exception {
        farm = new TestFarm(ApiConfig.of(new ApiConfig.Address("127.0.0.1", 0), folder, "none:9092")
            .withQueue(new ApiConfig.Waiting(TenantRules.EQUAL, 20)));
    }

    @AfterEach
    void close() throws Exception {
        farm.close();
    }

    private BuildId submit(String query) throws Exception {
        farm.clock.advance(Duration.ofMillis(1));
        HttpResponse<String> response = farm.send("POST", "/v1/builds" + query, TestFarm.context(), "Content-Type",
                "application/x-tar");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
        return new BuildId(TestFarm.json(response).get("id").stringValue());
    }

    private ObjectNode queue(String query) throws Exception {
        HttpResponse<String> response = farm.get("/v1/queue" + query);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return TestFarm.json(response);
    }

    private static List<String> ids(JsonNode builds) {
        return StreamSupport.stream(builds.spliterator(), false).map(build -> build.get("id").stringValue()).toList();
    }

    private void awaitHandedOut(int count) {
        await().until(() -> farm.waiting.entries()
            .stream()
            .filter(entry -> entry.standing() == Standing.HANDED_OUT)
            .count() == count);
    }

    private void fail(BuildId build, boolean retryable) throws Exception {
        farm.emit(new BuildEvent.Started(build, farm.clock.instant(), "a", "executor-1", 1));
        farm.emit(new BuildEvent.Failed(build, farm.clock.instant(), Optional.of("a"), BuildEvent.Reason.PUSH,
                "the registry is away", Optional.empty(), Optional.empty(), retryable, Optional.empty()));
        farm.awaitState(build, "failed");
    }

    @Test
    void options_reachTheExecutor() throws Exception {
        submit("?tenant=team-a&priority=high&supersede=app&timeout=60&steptimeout=5");
        Claim claim = farm.claim();
        assertThat(claim.request().queueing()).isEqualTo(new QueueOptions("team-a", Priority.HIGH, Optional.of("app"),
                new QueueOptions.Deadlines(Optional.of(Duration.ofSeconds(60)), Optional.of(Duration.ofSeconds(5)))));
    }

    @Test
    void options_thatMeanNothing_areRefused() throws Exception {
        for (String query : List.of("?tenant=Team", "?priority=urgent", "?supersede=", "?timeout=0", "?timeout=2s")) {
            HttpResponse<String> response = farm.send("POST", "/v1/builds" + query, TestFarm.context(), "Content-Type",
                    "application/x-tar");
            assertThat(response.statusCode()).as(query).isEqualTo(400);
        }
    }

    @Test
    void noMoreThanTheSlotsAndOne_areHandedOut_andTheRestIsShown() throws Exception {
        for (int i = 0; i < 8; i++) {
            submit(i == 7 ? "?tenant=other" : "");
        }
        awaitHandedOut(5);
        ObjectNode queue = queue("");
        assertThat(queue.get("handedOut").asInt()).isEqualTo(5);
        assertThat(queue.get("waiting").asInt()).isEqualTo(3);
        assertThat(queue.get("executors").get(0).get("slots").asInt()).isEqualTo(4);
        assertThat(queue.get("builds")).hasSize(3);
        assertThat(queue.get("builds").get(0).get("position").asInt()).isEqualTo(1);
        assertThat(queue("?limit=1").get("builds")).hasSize(1);
        assertThat(queue("?tenant=nobody").get("builds")).isEmpty();
    }

    @Test
    void withoutExecutors_buildsWait_untilOneComes() throws Exception {
        farm.announce("executor-1", 0);
        BuildId build = submit("");
        Thread.sleep(Duration.ofMillis(300));
        assertThat(farm.waiting.get(build).orElseThrow().standing()).isEqualTo(Standing.WAITING);
        assertThat(ids(queue("").get("builds"))).containsExactly(build.value());
        farm.announce("executor-2", 1);
        awaitHandedOut(1);
    }

    @Test
    void executorThatFellSilent_countsNoMore() throws Exception {
        farm.clock.advance(LiveExecutors.SILENCE.plusSeconds(1));
        BuildId build = submit("");
        Thread.sleep(Duration.ofMillis(300));
        assertThat(farm.waiting.get(build).orElseThrow().standing()).isEqualTo(Standing.WAITING);
        assertThat(queue("").get("executors")).isEmpty();
    }

    @Test
    void buildThatEnds_makesRoom() throws Exception {
        for (int i = 0; i < 6; i++) {
            submit("");
        }
        awaitHandedOut(5);
        BuildId done = farm.claim().request().id();
        fail(done, false);
        await().until(() -> farm.waiting.get(done).isEmpty());
        awaitHandedOut(5);
        assertThat(farm.dead.entries()).isEmpty();
        assertThat(queue("").get("waiting").asInt()).isZero();
    }

    @Test
    void buildThatWaits_isCancelledAtOnce() throws Exception {
        farm.announce("executor-1", 0);
        BuildId build = submit("");
        assertThat(farm.send("DELETE", "/v1/builds/" + build + "?reason=by%20ada", new byte[0]).statusCode()).isEqualTo(
                202);
        farm.awaitState(build, "cancelled");
        await().until(() -> farm.waiting.get(build).isEmpty());
        farm.announce("executor-1", 4);
        Thread.sleep(Duration.ofMillis(300));
        assertThat(farm.jobs.waiting()).isZero();
    }

    @Test
    void newerBuildWithTheSameKey_supersedesWaitingAndRunningOnes() throws Exception {
        BuildId running = submit("?supersede=main");
        awaitHandedOut(1);
        farm.announce("executor-1", 0);
        BuildId waiting = submit("?supersede=main");
        BuildId other = submit("?supersede=other");
        BuildId foreign = submit("?supersede=main&tenant=team-b");
        BuildId newest = submit("?supersede=main");
        farm.awaitState(waiting, "cancelled");
        await().until(() -> farm.cancellations.of(running).isPresent());
        assertThat(farm.cancellations.of(running).orElseThrow().reason()).startsWith("superseded by build ");
        for (BuildId untouched : List.of(other, foreign, newest)) {
            assertThat(farm.cancellations.of(untouched)).isEmpty();
        }
    }

    @Test
    void buildThatFailedForNoFaultOfItsOwn_isADeadLetter_andCanBeTriedAgain() throws Exception {
        BuildId build = submit("?tenant=team-a&t=app:1");
        farm.claim();
        fail(build, true);
        await().until(() -> farm.dead.get(build).isPresent());
        assertThat(farm.waiting.get(build)).isEmpty();
        JsonNode letter = TestFarm.json(farm.get("/v1/dead-letters")).get("deadLetters").get(0);
        assertThat(letter.get("id").stringValue()).isEqualTo(build.value());
        assertThat(letter.get("reason").stringValue()).isEqualTo("the registry is away");
        assertThat(farm.get("/v1/dead-letters/" + build).body()).contains("app:1").contains("team-a");
        HttpResponse<String> again = farm.send("POST", "/v1/dead-letters/" + build + "/retry", new byte[0]);
        assertThat(again.statusCode()).as(again.body()).isEqualTo(202);
        Claim claim = farm.claim();
        assertThat(claim.request().id().value()).isEqualTo(TestFarm.json(again).get("id").stringValue())
            .isNotEqualTo(build.value());
        assertThat(claim.request().output().names()).hasToString("[app:1]");
        assertThat(farm.dead.entries()).isEmpty();
        assertThat(farm.get("/v1/dead-letters/" + build).statusCode()).isEqualTo(404);
    }

    @Test
    void deadLetter_canBeRemoved() throws Exception {
        BuildId build = submit("");
        farm.claim();
        fail(build, true);
        await().until(() -> farm.dead.get(build).isPresent());
        assertThat(farm.send("DELETE", "/v1/dead-letters/" + build, new byte[0]).statusCode()).isEqualTo(204);
        assertThat(farm.dead.entries()).isEmpty();
        assertThat(farm.send("DELETE", "/v1/dead-letters/" + build, new byte[0]).statusCode()).isEqualTo(404);
    }

    @Test
    void fullQueue_refuses() throws Exception {
        farm.announce("executor-1", 0);
        for (int i = 0; i < 20; i++) {
            submit("");
        }
        HttpResponse<String> refused = farm.send("POST", "/v1/builds", TestFarm.context(), "Content-Type",
                "application/x-tar");
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        assertThat(refused.body()).contains("queueLimit");
    }

    @Test
    void processThatStarts_goesOnWhereAnotherWasKilled() throws Exception {
        farm.announce("executor-1", 0);
        BuildId build = submit("");
        farm.restart();
        await().until(() -> farm.waiting.get(build).orElseThrow().standing() == Standing.HANDED_OUT);
        assertThat(farm.claim().request().id()).isEqualTo(build);
        fail(build, false);
        farm.restart();
        await().until(() -> farm.waiting.get(build).isEmpty());
    }
}
