package dev.kiln.api.builds;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.api.ApiConfig;
import dev.kiln.api.TestFarm;
import dev.kiln.queue.event.EventJson;
import dev.kiln.queue.job.Job;
import dev.kiln.queue.secret.BuildSecrets;
import dev.kiln.queue.secret.FarmKey;

import static org.assertj.core.api.Assertions.assertThat;

class SecretsTest {
    private static final String VALUE = "hunter2-very-secret";
    private static final String SSH = "-----BEGIN OPENSSH PRIVATE KEY-----";

    @TempDir
    private Path folder;

    private final String keyText = FarmKey.generate(new SecureRandom());
    private TestFarm farm;

    @BeforeEach
    void start() throws Exception {
        farm = farm(Optional.of(FarmKey.parse(keyText)));
    }

    private TestFarm farm(Optional<FarmKey> key) throws Exception {
        return new TestFarm(ApiConfig.of(new ApiConfig.Address("127.0.0.1", 0), folder, "none:9092")
            .withSecretKey(key));
    }

    @AfterEach
    void stop() throws Exception {
        farm.close();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private HttpResponse<String> submit(String secrets) throws Exception {
        HttpResponse<String> context = farm.send("PUT", "/v1/contexts", TestFarm.context(), "Content-Type",
                "application/x-tar");
        String digest = TestFarm.json(context).get("digest").stringValue();
        return farm.send("POST", "/v1/builds",
                ("{\"context\": {\"digest\": \"" + digest + "\"}, " + secrets + "}").getBytes(StandardCharsets.UTF_8),
                "Content-Type", "application/json");
    }

    @Test
    void secrets_ofABuild_reachTheExecutorSealed() throws Exception {
        HttpResponse<String> response = submit("\"secrets\": {\"token\": \"" + base64(VALUE)
                + "\"}, \"ssh\": {\"default\": [\"" + base64(SSH) + "\"]}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
        Job job = farm.claim().job();
        assertThat(job.request().secrets()).hasToString("SecretNames[secrets=[token], ssh=[default]]");
        byte[] sealed = farm.content.open(job.secrets().orElseThrow().digest()).readAllBytes();
        BuildSecrets opened = FarmKey.parse(keyText).open(job.request().id(), sealed);
        assertThat(new String(opened.secrets().get("token").bytes(), StandardCharsets.UTF_8)).isEqualTo(VALUE);
        assertThat(new String(opened.ssh().get("default").getFirst().bytes(), StandardCharsets.UTF_8)).isEqualTo(SSH);
    }

    @Test
    void secrets_afterTheBuildWasAccepted_areShownNowhere() throws Exception {
        HttpResponse<String> response = submit("\"secrets\": {\"token\": \"" + base64(VALUE) + "\"}");
        Job job = farm.claim().job();
        String sealed = job.secrets().orElseThrow().digest().hex();
        String shown = response.body() + farm.get("/v1/builds/" + job.request().id()).body()
                + new String(EventJson.write(farm.events.events().getFirst()), StandardCharsets.UTF_8);
        assertThat(shown).contains("\"secrets\":[\"token\"]").doesNotContain(VALUE, base64(VALUE), sealed);
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String text = Files.readString(file, StandardCharsets.ISO_8859_1);
                assertThat(text).as("%s", file).doesNotContain(VALUE, base64(VALUE));
            }
        }
    }

    @Test
    void logins_ofABuild_reachTheExecutorSealedAndAreShownNowhere() throws Exception {
        HttpResponse<String> response = submit("\"registries\": {\"r.example:5000\": {\"user\": \"me\", \"secret\": \""
                + base64(VALUE) + "\"}}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
        Job job = farm.claim().job();
        byte[] sealed = farm.content.open(job.secrets().orElseThrow().digest()).readAllBytes();
        BuildSecrets opened = FarmKey.parse(keyText).open(job.request().id(), sealed);
        assertThat(opened.registries().get("r.example:5000").user()).isEqualTo("me");
        assertThat(new String(opened.registries().get("r.example:5000").secret().bytes(), StandardCharsets.UTF_8))
            .isEqualTo(VALUE);
        String shown = response.body() + farm.get("/v1/builds/" + job.request().id()).body()
                + new String(EventJson.write(farm.events.events().getFirst()), StandardCharsets.UTF_8);
        assertThat(shown).doesNotContain(VALUE, base64(VALUE), "r.example", "registries");
    }

    @Test
    void logins_thatAreMalformed_areRefusedWithoutBeingQuoted() throws Exception {
        for (String wrong : new String[]{"{\"r.example/app\": {\"secret\": \"aHVudGVyMg==\"}}",
            "{\"r.example\": {\"secret\": \"hunter2!\"}}", "{\"r.example\": {\"user\": \"me\"}}",
            "{\"r.example\": {\"secret\": \"aHVudGVyMg==\", \"password\": \"hunter2\"}}", "[\"hunter2\"]"}) {
            HttpResponse<String> response = submit("\"registries\": " + wrong);
            assertThat(response.statusCode()).as(wrong).isEqualTo(400);
            assertThat(response.body()).contains("registries").doesNotContain("hunter2", "aHVudGVyMg");
        }
    }

    @Test
    void secrets_forAFarmWithoutAKey_areRefused() throws Exception {
        farm.close();
        farm = farm(Optional.empty());
        HttpResponse<String> response = submit("\"secrets\": {\"token\": \"" + base64(VALUE) + "\"}");
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(response.body()).contains("urn:kiln:problem:no-secret-key", "KILN_SECRET_KEY")
            .doesNotContain(base64(VALUE));
        assertThat(farm.jobs.waiting()).isZero();
    }

    @Test
    void secrets_thatAreMalformed_areRefusedWithoutBeingQuoted() throws Exception {
        HttpResponse<String> response = submit("\"secrets\": {\"token\": \"hunter2!\"}");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("secrets.token").doesNotContain("hunter2");
        assertThat(submit("\"secrets\": {\"big\": \"" + base64("x".repeat(512_001)) + "\"}").body())
            .contains("secrets.big", "at most 512000 bytes");
        assertThat(submit("\"secrets\": [\"token\"]").statusCode()).isEqualTo(400);
    }
}
