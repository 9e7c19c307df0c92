package dev.kiln.api.upkeep;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.api.TestFarm;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.upkeep.UpkeepMessage.Answer;
import dev.kiln.queue.upkeep.UpkeepMessage.Presence;
import dev.kiln.queue.upkeep.UpkeepMessage.Question;
import dev.kiln.queue.upkeep.UsageRecord;
import dev.kiln.queue.upkeep.Wish;

import static org.assertj.core.api.Assertions.assertThat;

/** Usage and prune over HTTP, with an executor that only talks, and with the registry's own disk. */
class UpkeepTest {
    private final List<Wish> heard = new ArrayList<>();
    private TestFarm farm;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        farm = new TestFarm(folder);
        farm.awaitReady();
        // Nobody answers for it.
        farm.announce("executor-1", 0);
        farm.upkeep.send(new Presence("ada", farm.clock.instant(), false, 1, List.of()));
        var unused = farm.upkeep.listen(message -> {
            if (message instanceof Question question) {
                heard.add(question.wish());
                Thread.startVirtualThread(() -> answer(question));
            }
        });
    }

    @AfterEach
    void stop() throws Exception {
        farm.close();
    }

    private void answer(Question question) {
        try {
            farm.upkeep.send(new Answer(question.id(), "ada", true, List.of(record("layer", "one", 10, true),
                    record("layer", "two", 20, false), record("git", "three", 5, false)), List.of()));
        } catch (QueueException e) {
            throw new IllegalStateException(e);
        }
    }

    private UsageRecord record(String kind, String id, long bytes, boolean inUse) {
        return new UsageRecord(kind, id, bytes, farm.clock.instant(), farm.clock.instant(), inUse, "of a step");
    }

    private ObjectNode usage(String query) throws Exception {
        HttpResponse<String> response = farm.get("/v1/usage" + query);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return TestFarm.json(response);
    }

    private HttpResponse<String> prune(String document) throws Exception {
        return farm.send("POST", "/v1/prune?records=true", document.getBytes(StandardCharsets.UTF_8), "Content-Type",
                "application/json");
    }

    @Test
    void usage_addsUpKinds_andShowsRecordsWhenAsked() throws Exception {
        ObjectNode answer = usage("");
        assertThat(answer.get("silent")).isEmpty();
        assertThat(answer.get("executors").get(0).toString()).isEqualTo("""
                {"name":"ada","bytes":35,"kinds":[{"kind":"git","count":1,"bytes":5,"reclaimable":5},\
                {"kind":"layer","count":2,"bytes":30,"reclaimable":20}],"problems":[]}""");
        assertThat(answer.get("executors").get(1).get("name").stringValue()).isEqualTo("registry");
        assertThat(usage("?records=true&kind=git").get("executors").get(0).get("records")).hasSize(1);
    }

    @Test
    void prune_carriesTheWish_toExecutors() throws Exception {
        HttpResponse<String> response = prune("""
                {"kinds":["exec.cachemount"],"ids":["x"],"keepSeconds":60,"maxUsed":7,"all":true}""");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(heard).containsExactly(new Wish.Prune(Set.of("exec.cachemount"), Set.of("x"), Duration.ofMinutes(1),
                new Wish.Space(0, 7, 0), true));
    }

    @Test
    void prune_ofWhatMakesNoSense_isRefused() throws Exception {
        assertThat(prune("{\"kinds\":[\"dust\"]}").body()).contains("there is no kind \\\"dust\\\"");
        assertThat(prune("{\"maxUsed\":-1}").body()).contains("0 or more bytes");
        assertThat(prune("{\"everything\":true}").body()).contains("there is no such field");
        assertThat(prune("{\"keepSeconds\":-5}").statusCode()).isEqualTo(400);
        assertThat(farm.get("/v1/usage?kind=dust").statusCode()).isEqualTo(400);
        assertThat(heard).isEmpty();
    }

    private Digest push(String repository) throws Exception {
        byte[] config = ("{\"of\":\"" + repository + "\"}").getBytes(StandardCharsets.UTF_8);
        Digest blob = Digest.sha256(config);
        assertThat(farm.send("POST", "/v2/" + repository + "/blobs/uploads/?digest=" + blob, config).statusCode())
            .isEqualTo(201);
        String manifest = """
                {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/json","digest":"%s",\
                "size":%d},"layers":[]}""".formatted(MediaTypes.OCI_MANIFEST, blob, config.length);
        HttpResponse<String> put = farm.send("PUT", "/v2/" + repository + "/manifests/latest",
                manifest.getBytes(StandardCharsets.UTF_8), "Content-Type", MediaTypes.OCI_MANIFEST);
        assertThat(put.statusCode()).as(put.body()).isEqualTo(201);
        return blob;
    }

    @Test
    void pruneAll_takesResultsAndTheirBlobs_andLeavesWhatPeoplePushed() throws Exception {
        Digest result = push("builds/01m8b9rkar9kegm7ywbeqdj1av");
        Digest image = push("app");
        assertThat(prune("{}").statusCode()).isEqualTo(200);
        assertThat(farm.content.size(result)).isPresent();

        assertThat(prune("{\"all\":true}").statusCode()).isEqualTo(200);

        assertThat(farm.get("/v2/builds/01m8b9rkar9kegm7ywbeqdj1av/manifests/latest").statusCode()).isEqualTo(404);
        assertThat(farm.content.size(result)).isEmpty();
        assertThat(farm.get("/v2/app/manifests/latest").statusCode()).isEqualTo(200);
        assertThat(farm.content.size(image)).isPresent();
    }

    @Test
    void resultsOfSteps_areShown_andPrunedAsResultsAre() throws Exception {
        Digest blob = push("steps");
        ObjectNode registry = (ObjectNode) usage("?records=true&kind=result").get("executors").get(1);
        assertThat(registry.get("records").toString()).contains("steps@sha256:",
                "the result of a step, for other executors");
        assertThat(prune("{}").statusCode()).isEqualTo(200);
        assertThat(farm.content.size(blob)).isPresent();

        assertThat(prune("{\"kinds\":[\"result\"]}").statusCode()).isEqualTo(200);

        assertThat(farm.get("/v2/steps/manifests/latest").statusCode()).isEqualTo(404);
        assertThat(prune("{\"all\":true}").statusCode()).isEqualTo(200);
        assertThat(farm.content.size(blob)).isEmpty();
    }

    @Test
    void prune_leavesWhatWasJustSent_andContextsOfBuildsThatWait() throws Exception {
        byte[] part = "a part of an image to come".getBytes(StandardCharsets.UTF_8);
        Digest blob = Digest.sha256(part);
        assertThat(farm.send("POST", "/v2/app/blobs/uploads/?digest=" + blob, part).statusCode()).isEqualTo(201);
        farm.submit();
        Digest context = Digest.sha256(TestFarm.context());

        assertThat(prune("{\"all\":true}").statusCode()).isEqualTo(200);
        assertThat(farm.content.size(blob)).isPresent();
        farm.clock.advance(Duration.ofHours(2));
        farm.upkeep.send(new Presence("ada", farm.clock.instant(), false, 1, List.of()));
        assertThat(prune("{\"all\":true}").statusCode()).isEqualTo(200);

        assertThat(farm.content.size(blob)).isEmpty();
        assertThat(farm.content.size(context)).isPresent();
    }
}
