package dev.kiln.api.builds;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.api.TestFarm;
import dev.kiln.queue.Samples;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.job.BuildOutput;
import dev.kiln.queue.job.BuildRequest;
import dev.kiln.queue.job.Output;
import dev.kiln.queue.job.OutputWords;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class BuildsTest {
    @TempDir
    Path folder;
    private TestFarm farm;

    @BeforeEach
    void start() throws Exception {
        farm = new TestFarm(folder);
        farm.awaitReady();
    }

    @AfterEach
    void stop() throws Exception {
        farm.close();
    }

    private HttpResponse<String> submit(String json) throws Exception {
        return farm.send("POST", "/v1/builds", json.getBytes(StandardCharsets.UTF_8), "Content-Type",
                "application/json");
    }

    private String uploaded() throws Exception {
        return uploaded(TestFarm.context());
    }

    private String uploaded(byte[] tar) throws Exception {
        HttpResponse<String> response = farm.send("PUT", "/v1/contexts", tar);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
        return TestFarm.json(response).get("digest").stringValue();
    }

    @Test
    @Tag("row:11.7")
    void submit_document_isQueuedWithEveryOption() throws Exception {
        String digest = uploaded();
        HttpResponse<String> response = submit("""
                {"context": {"digest": "%s"}, "dockerfile": "./Dockerfile", "target": "0",
                 "buildArgs": {"A": "1"}, "labels": {"l": "x"}, "names": ["app:1", "localhost:5000/app"],
                 "push": true, "noCache": true, "network": "none",
                 "limits": {"memoryBytes": 8388608, "cpus": 0.5, "pids": 7}}""".formatted(digest));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
        ObjectNode build = TestFarm.json(response);
        String id = build.get("id").stringValue();
        assertThat(response.headers().firstValue("Location")).hasValue("/v1/builds/" + id);
        assertThat(build.get("state").stringValue()).isEqualTo("queued");
        BuildRequest claimed = farm.claim().request();
        assertThat(claimed.id().value()).isEqualTo(id);
        assertThat(claimed.files().dockerfile()).isEqualTo("Dockerfile");
        assertThat(claimed.options().target()).hasValue("0");
        assertThat(claimed.options().buildArgs()).isEqualTo(Map.of("A", "1"));
        assertThat(claimed.options().labels()).isEqualTo(Map.of("l", "x"));
        assertThat(claimed.output().names()).hasToString("[app:1, localhost:5000/app]");
        assertThat(claimed.output().push()).isTrue();
        assertThat(claimed.options().cache().off()).isTrue();
        assertThat(claimed.steps().network()).hasToString("Optional[NONE]");
        assertThat(claimed.steps().limits().memoryBytes()).hasValue(8388608);
        assertThat(claimed.steps().limits().cpus()).hasValue(0.5);
        assertThat(claimed.steps().limits().pids()).hasValue(7);
        assertThat(farm.events.events(claimed.id())).singleElement().isInstanceOf(BuildEvent.Queued.class);
        List<BuildId> recorded = new ArrayList<>();
        farm.records.forEach(record -> recorded.add(record.id()));
        assertThat(recorded).containsExactly(claimed.id());
    }

    @Test
    void submit_toARepositoryOfTheFarm_isRefused() throws Exception {
        for (String name : List.of("steps:" + "ab".repeat(32), "builds/x", "contexts/x", "mirror")) {
            HttpResponse<String> response = submit("""
                    {"context": {"digest": "%s"}, "names": ["app:1", "%s"], "push": true}"""
                .formatted(uploaded(), name));
            assertThat(response.statusCode()).as(response.body()).isEqualTo(422);
            assertThat(response.body()).contains("urn:kiln:problem:reserved-name", "cannot push to " + name,
                    "choose another name");
        }
        HttpResponse<String> cache = submit(
                """
                {"context": {"digest": "%s"}, "cacheTo": [{"type": "registry", "reference": "steps:x", "mode": "max"}]}"""
                    .formatted(uploaded()));
        assertThat(cache.statusCode()).as(cache.body()).isEqualTo(422);
        assertThat(cache.body()).contains("urn:kiln:problem:reserved-name", "cannot push to steps:x");
    }

    @Test
    void submit_tarWithParameters_isTheSameAsADocument() throws Exception {
        HttpResponse<String> response = farm.send("POST",
                "/v1/builds?t=app:1&t=b&buildarg=A=1=2&label=l=x&push=true&nocache&network=host&memory=8388608"
                        + "&cpus=0.5&pids=7&target=0&dockerfile=Dockerfile",
                TestFarm.context(), "Content-Type", "application/x-tar");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
        BuildRequest claimed = farm.claim().request();
        assertThat(claimed.output().names()).hasToString("[app:1, b]");
        assertThat(claimed.options().buildArgs()).isEqualTo(Map.of("A", "1=2"));
        assertThat(claimed.options().labels()).isEqualTo(Map.of("l", "x"));
        assertThat(claimed.output().push()).isTrue();
        assertThat(claimed.options().cache().off()).isTrue();
        assertThat(claimed.steps().network()).hasToString("Optional[HOST]");
        assertThat(claimed.steps().limits().pids()).hasValue(7);
    }

    @Test
    void submit_unknownField_isRefusedByName() throws Exception {
        String context = "\"context\": {\"digest\": \"" + uploaded() + "\"}";
        assertInvalid(submit("{" + context + ", \"tag\": \"x\"}"), "tag");
        assertInvalid(submit("{\"context\": {\"digest\": \"" + uploaded() + "\", \"path\": \"x\"}}"), "context.path");
        assertInvalid(submit("{" + context + ", \"limits\": {\"memory\": 1}}"), "limits.memory");
        assertInvalid(submit("{" + context + ", \"cacheTo\": [{\"type\": \"inline\", \"mode\": \"max\"}]}"),
                "cacheTo[0].mode");
        assertInvalid(submit("{" + context + ", \"outputs\": [{\"type\": \"files\", \"squash\": true}]}"),
                "outputs[0].squash");
        assertInvalid(farm.send("POST", "/v1/builds?tag=x", TestFarm.context(), "Content-Type", "application/x-tar"),
                "tag");
    }

    @Test
    void submit_wrongValues_areRefusedByName() throws Exception {
        String context = "\"context\": {\"digest\": \"" + uploaded() + "\"}";
        assertInvalid(submit("{" + context + ", \"push\": \"yes\"}"), "push");
        assertInvalid(submit("{" + context + ", \"names\": [\"UPPER\"]}"), "names[0]");
        assertInvalid(submit("{" + context + ", \"names\": [\"a@" + uploaded() + "\"]}"), "names");
        assertInvalid(submit("{" + context + ", \"dockerfile\": \"../x\"}"), "dockerfile");
        assertInvalid(submit("{" + context + ", \"limits\": {\"memoryBytes\": 1}}"), "limits");
        assertInvalid(submit("{" + context + ", \"cacheFrom\": [{\"type\": \"gha\"}]}"), "cacheFrom[0].type");
        assertInvalid(submit("{\"context\": {\"digest\": \"sha256:xyz\"}}"), "context.digest");
        assertInvalid(submit("{\"context\": {\"digest\": \"" + uploaded() + "\", \"size\": 3}}"), "context.size");
        assertInvalid(submit("{}"), "context");
        for (String text : List.of("", "{", "[]", "{\"a\":1,\"a\":2}", "{} {}", "[".repeat(2000))) {
            assertThat(submit(text).statusCode()).as(text).isEqualTo(400);
        }
        for (String query : List.of("push=maybe", "network=bridge", "memory=1", "memory=lots", "cpus=x", "buildarg=A",
                "t=UPPER", "cachefrom=type%3Dgha", "cacheto=type%3Dregistry", "target=a&target=b",
                "dockerfile=/etc/passwd", "output=type%3Dmoby", "output=type%3Dimage,push%3Dtrue",
                "output=type%3Dtar&push=true&t=a")) {
            HttpResponse<String> response = farm.send("POST", "/v1/builds?" + query, TestFarm.context(),
                    "Content-Type", "application/x-tar");
            assertThat(response.statusCode()).as(query).isEqualTo(400);
        }
        assertThat(farm.jobs.waiting()).isZero();
    }

    @Test
    void submit_outputs_areTheRequests() throws Exception {
        String digest = uploaded();
        HttpResponse<String> response = submit("""
                {"context": {"digest": "%s"}, "names": ["app:1"],
                 "outputs": [{"type": "image", "push": "tags", "compression": "zstd"}, {"type": "files"}]}"""
            .formatted(digest));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
        BuildOutput document = farm.claim().request().output();
        farm.send("POST", "/v1/builds?t=app:1&output=type%3Dregistry,compression%3Dzstd&output=type%3Dlocal",
                TestFarm.context(), "Content-Type", "application/x-tar");
        BuildOutput form = farm.claim().request().output();

        assertThat(document.outputs()).containsExactly(OutputWords.parse("type=registry,compression=zstd").toOutput(),
                new Output.Files());
        assertThat(form).isEqualTo(document);
    }

    @Test
    void submit_everythingADocumentCanSay_isTheRequest() throws Exception {
        String digest = uploaded();
        HttpResponse<String> response = submit("""
                {"context": {"type": "git", "address": "https://git.example/a.git#main:src"},
                 "dockerfileFrom": {"digest": "%s"},
                 "namedContexts": {"lib": {"digest": "%s"}, "base": {"type": "image", "reference": "base:3"},
                   "web": {"type": "http", "address": "https://example.org/x.tar"}},
                 "ignorePatterns": "*.o", "platform": "linux/x86_64", "noCacheStages": ["a"],
                 "cacheFrom": [{"type": "registry", "reference": "c:1"}], "cacheTo": [{"type": "inline"}], "hosts": ["db=10.0.0.7"],
                 "sharedMemory": 1048576, "ulimits": ["nofile=10:20"], "entitlements": ["security.insecure"]}"""
            .formatted(digest, digest));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
        BuildRequest claimed = farm.claim().request();
        assertThat(claimed.files().context()).hasToString("Git[address=https://git.example/a.git#main:src]");
        assertThat(claimed.files().dockerfileFrom().orElseThrow().digest()).hasToString(digest);
        assertThat(claimed.files().named().keySet()).containsExactly("base", "lib", "web");
        assertThat(claimed.files().ignorePatterns()).hasValue("*.o");
        assertThat(claimed.options().platforms()).hasToString("[linux/amd64]");
        assertThat(claimed.options().cache().offStages()).containsExactly("a");
        assertThat(claimed.options().cache().from()).hasToString("[Registry[reference=c:1]]");
        assertThat(claimed.options().cache().to()).hasToString("[Inline[]]");
        assertThat(claimed.steps().hosts()).hasToString("[db=10.0.0.7]");
        assertThat(claimed.steps().sharedMemory()).hasValue(1 << 20);
        assertThat(claimed.steps().ulimits()).hasToString("[nofile=10:20]");
        assertThat(claimed.steps().entitlements()).hasToString("[SECURITY_INSECURE]");
    }

    @Test
    void submit_contextsFromElsewhere_areRefusedByName() throws Exception {
        String from = "\"dockerfileFrom\": {\"digest\": \"" + uploaded() + "\"}";
        assertInvalid(submit("{\"context\": {\"type\": \"empty\", \"digest\": \"x\"}, " + from + "}"),
                "context.digest");
        assertInvalid(submit("{\"context\": {\"type\": \"git\", \"address\": \"/tmp/x\"}, " + from + "}"),
                "context.address");
        HttpResponse<String> response = submit(
                "{\"context\": {\"type\": \"git\", \"address\": \"https://ann:hunter2@h/x.git\"}, " + from + "}");
        assertInvalid(response, "context.address");
        assertThat(response.body()).doesNotContain("hunter2");
        assertInvalid(submit("{\"context\": {\"digest\": \"" + uploaded()
                + "\"}, \"namedContexts\": {\"a\": {\"type\": \"git\", \"address\": \"https://h/x.git?x=1\"}}}"),
                "namedContexts.a.address");
        assertThat(submit("{\"context\": {\"type\": \"empty\"}}").body()).contains("needs a Dockerfile");
        HttpResponse<String> alone = submit("{\"context\": {\"type\": \"empty\"}, " + from + "}");
        assertThat(alone.statusCode()).as(alone.body()).isEqualTo(202);
    }

    private static void assertInvalid(HttpResponse<String> response, String field) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        ObjectNode problem = TestFarm.json(response);
        assertThat(problem.get("type").stringValue()).isEqualTo("urn:kiln:problem:invalid-request");
        assertThat(problem.get("field").stringValue()).isEqualTo(field);
        assertThat(problem.get("detail").stringValue()).contains(field);
    }

    @Test
    void submit_brokenDockerfile_isRefusedWithItsPlace() throws Exception {
        byte[] tar = TestFarm.tar(Map.of("sub/My.Dockerfile", "FROM scratch\n\nCOPPY a /a\n"));
        HttpResponse<String> response = farm.send("POST", "/v1/builds?dockerfile=sub/My.Dockerfile", tar,
                "Content-Type", "application/x-tar");
        assertThat(response.statusCode()).isEqualTo(422);
        ObjectNode problem = TestFarm.json(response);
        assertThat(problem.get("type").stringValue()).isEqualTo("urn:kiln:problem:dockerfile");
        assertThat(problem.get("file").stringValue()).isEqualTo("sub/My.Dockerfile");
        assertThat(problem.get("line").intValue()).isEqualTo(3);
        assertThat(problem.get("column").intValue()).isEqualTo(1);
        assertThat(problem.get("source").stringValue()).contains("COPPY");
        assertThat(farm.jobs.waiting()).isZero();
        assertThat(farm.events.events()).isEmpty();
    }

    @Test
    void submit_withoutDockerfileOrTarget_saysWhatIsThere() throws Exception {
        String context = "{\"context\": {\"digest\": \"" + uploaded() + "\"}, ";
        assertThat(submit(context + "\"dockerfile\": \"nope\"}").body()).contains("no file nope");
        assertThat(submit(context + "\"target\": \"nope\"}").body()).contains("stage-0").contains("nope");
    }

    @Test
    void submit_unknownContext_is422() throws Exception {
        HttpResponse<String> response = submit("{\"context\": {\"digest\": \"" + Samples.DIGEST + "\"}}");
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(response.body()).contains("urn:kiln:problem:unknown-context");
    }

    @Test
    void submit_otherContentType_is415() throws Exception {
        assertThat(farm.send("POST", "/v1/builds", "x".getBytes(StandardCharsets.UTF_8), "Content-Type",
                "text/plain")
            .statusCode()).isEqualTo(415);
    }

    @Test
    void submit_hugeDocument_is413() throws Exception {
        assertThat(submit("{\"dockerfile\": \"" + "x".repeat(600_000) + "\"}").statusCode()).isEqualTo(413);
    }

    @Test
    void submit_brokerAway_is503AndTheBuildIsNotLeftWaiting() throws Exception {
        String digest = uploaded();
        farm.waiting.setAvailable(false);
        HttpResponse<String> response = submit("{\"context\": {\"digest\": \"" + digest + "\"}}");
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue("Retry-After")).isPresent();
        assertThat(TestFarm.json(response).get("detail").stringValue()).contains("broker");
        BuildId ghost = farm.events.events().getFirst().build();
        farm.awaitState(ghost, "cancelled");
    }

    @Test
    void get_build_goesThroughItsStates() throws Exception {
        BuildId id = farm.submit();
        farm.emit(Samples.started(id, "a1", 1));
        assertThat(farm.awaitState(id, "running").get("started").get("worker").stringValue()).isEqualTo("worker-1");
        farm.emit(Samples.started(id, "a2", 2), Samples.succeeded(id, "a1"));
        farm.emit(Samples.succeeded(id, "a2"));
        JsonNode outcome = farm.awaitState(id, "succeeded").get("outcome");
        assertThat(outcome.get("attempt").stringValue()).isEqualTo("a2");
    }

    @Test
    void get_unknownOrInvalid_is404Or400() throws Exception {
        assertThat(farm.get("/v1/builds/" + Samples.ID).statusCode()).isEqualTo(404);
        assertThat(farm.get("/v1/builds/abc").statusCode()).isEqualTo(400);
        assertThat(farm.get("/v1/builds/..%2f..%2fetc").statusCode()).isEqualTo(400);
    }

    @Test
    void list_builds_pagesNewestFirst() throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            farm.clock.advance(java.time.Duration.ofSeconds(1));
            ids.addFirst(farm.submit().value());
        }
        BuildId done = new BuildId(ids.get(1));
        farm.emit(Samples.started(done, "a", 1), Samples.succeeded(done, "a"));
        farm.awaitState(done, "succeeded");
        List<String> listed = new ArrayList<>();
        String cursor = "";
        while (true) {
            ObjectNode page = TestFarm.json(farm.get("/v1/builds?limit=2" + cursor));
            page.get("builds").forEach(build -> listed.add(build.get("id").stringValue()));
            if (!page.has("next")) {
                break;
            }
            cursor = "&cursor=" + page.get("next").stringValue();
        }
        assertThat(listed).isEqualTo(ids);
        ObjectNode finished = TestFarm.json(farm.get("/v1/builds?state=succeeded&state=failed"));
        assertThat(finished.get("builds")).singleElement()
            .satisfies(build -> assertThat(build.get("id").stringValue()).isEqualTo(done.value()));
        for (String query : List.of("limit=0", "limit=501", "limit=x", "cursor=x", "state=done", "page=2")) {
            assertThat(farm.get("/v1/builds?" + query).statusCode()).as(query).isEqualTo(400);
        }
    }

    @Test
    void cancel_build_notesTheWishAndTellsIt() throws Exception {
        BuildId id = farm.submit();
        HttpResponse<String> response = farm.send("DELETE", "/v1/builds/" + id + "?reason=too%20slow", new byte[0]);
        assertThat(response.statusCode()).isEqualTo(202);
        assertThat(TestFarm.json(response).get("cancelRequested").stringValue()).isEqualTo("too slow");
        assertThat(farm.cancellations.other().of(id)).isPresent();
        farm.emit(new BuildEvent.Cancelled(id, Samples.TIME, java.util.Optional.empty(), "too slow",
                java.util.Optional.empty()));
        farm.awaitState(id, "cancelled");
        HttpResponse<String> again = farm.send("DELETE", "/v1/builds/" + id, new byte[0]);
        assertThat(again.statusCode()).isEqualTo(409);
        assertThat(again.body()).contains("urn:kiln:problem:build-ended");
        assertThat(farm.send("DELETE", "/v1/builds/" + Samples.ID, new byte[0]).statusCode()).isEqualTo(404);
        assertThat(farm.send("DELETE", "/v1/builds/" + id + "?reason=", new byte[0]).statusCode()).isEqualTo(400);
    }

    @Test
    void cancel_brokerAway_is503() throws Exception {
        BuildId id = farm.submit();
        farm.cancellations.setAvailable(false);
        assertThat(farm.send("DELETE", "/v1/builds/" + id, new byte[0]).statusCode()).isEqualTo(503);
    }

    @Test
    void restart_knowsAllBuilds() throws Exception {
        BuildId ended = farm.submit();
        farm.emit(Samples.started(ended, "a", 1), Samples.succeeded(ended, "a"));
        farm.awaitState(ended, "succeeded");
        BuildId waiting = farm.submit();
        farm.restart();
        farm.awaitState(ended, "succeeded");
        farm.awaitState(waiting, "queued");
    }

    @Test
    void ready_brokerAway_saysSo() throws Exception {
        farm.events.setAvailable(false);
        farm.clock.advance(java.time.Duration.ofSeconds(5));
        HttpResponse<String> response = farm.get("/readyz");
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.body()).contains("broker is away");
        assertThat(farm.get("/livez").statusCode()).isEqualTo(200);
        farm.events.setAvailable(true);
        farm.awaitReady();
    }
}
