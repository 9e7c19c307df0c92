package dev.kiln.api;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.api.builds.RawClient;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.Samples;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.BuildId;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class HostileHttpTest {
    @TempDir
    Path folder;

    private ApiConfig config() {
        return ApiConfig.of(new ApiConfig.Address("127.0.0.1", 0), folder, "none:9092");
    }

    private static String exchange(TestFarm farm, String request) throws Exception {
        try (RawClient raw = new RawClient(farm.address)) {
            raw.write(request);
            return raw.readHead();
        }
    }

    @Test
    void requests_thatAreNoHttp_getAProblem() throws Exception {
        try (TestFarm farm = new TestFarm(config())) {
            assertThat(exchange(farm, "GET /" + "x".repeat(20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n"))
                .containsPattern("^HTTP/1.[01] 414")
                .contains("application/problem+json");
            assertThat(exchange(farm, "GET / HTTP/1.1\r\nHost: x\r\nX: " + "y".repeat(40_000) + "\r\n\r\n"))
                .containsPattern("^HTTP/1.[01] 431")
                .contains("application/problem+json");
            assertThat(exchange(farm, "\u0000\u0001 nonsense\r\n\r\n")).containsPattern("^HTTP/1.[01] 400");
            assertThat(exchange(farm, "PUT /v1/contexts HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n"))
                .containsPattern("^HTTP/1.[01] 400");
            assertThat(farm.get("/livez").statusCode()).isEqualTo(200);
        }
    }

    /** A body that comes with an upgrade would be gathered in memory. */
    @Test
    void http2_isNotSpoken() throws Exception {
        try (TestFarm farm = new TestFarm(config())) {
            assertThat(exchange(farm, "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                    + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n"))
                .startsWith("HTTP/1.1 200");
            assertThat(exchange(farm, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")).doesNotContain("200");
        }
    }

    @Test
    void paths_thatCannotBeDecoded_getAProblem() throws Exception {
        try (TestFarm farm = new TestFarm(config())) {
            for (String path : List.of("/v1/builds/%", "/v1/%zz", "/v1/builds?limit=%zz", "/%00", "/v1/builds/%ff")) {
                assertThat(exchange(farm, "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")).as(path)
                    .containsPattern("HTTP/1.1 40[04]")
                    .contains("application/problem+json");
            }
            assertThat(farm.get("/nothing").body()).contains("urn:kiln:problem:not-found");
            assertThat(farm.send("PUT", "/v1/builds", new byte[0]).body())
                .contains("urn:kiln:problem:method-not-allowed");
        }
    }

    @Test
    void token_isWantedHoweverThePathIsWritten() throws Exception {
        try (TestFarm farm = new TestFarm(config().withToken(Optional.of(new ApiConfig.Token("secret"))))) {
            for (String path : List.of("/v1/builds", "//v1/builds", "/./v1/builds", "/x/../v1/builds", "/%761/builds",
                    "/v1//builds", "/V1/builds", "/v2/", "/v2/_catalog", "/x/../v2/_catalog")) {
                assertThat(exchange(farm, "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")).as(path)
                    .containsPattern("HTTP/1.1 (401|404)");
            }
            assertThat(farm.get("/v1/builds").headers().firstValue("WWW-Authenticate"))
                .hasValue("Bearer realm=\"kiln\"");
            assertThat(farm.get("/v2/").headers().firstValue("WWW-Authenticate")).hasValue("Basic realm=\"kiln\"");
            for (String value : List.of("Bearer wrong", "Bearer", "Bearer secret2", "Basic !!", "Digest secret",
                    "Basic " + Base64.getEncoder().encodeToString("secret:x".getBytes()))) {
                assertThat(farm.get("/v1/builds", "Authorization", value).statusCode()).as(value).isEqualTo(401);
            }
            String basic = "Basic " + Base64.getEncoder().encodeToString("anybody:secret".getBytes());
            assertThat(farm.get("/v2/", "Authorization", basic).statusCode()).isEqualTo(200);
            assertThat(farm.get("/v2/", "Authorization", "Bearer secret").statusCode()).isEqualTo(200);
            assertThat(farm.get("/livez").statusCode()).isEqualTo(200);
            farm.awaitReady();
            assertThat(farm.get("/v1/builds", "Authorization", "bearer secret").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void refusedUpload_stillGetsItsAnswer() throws Exception {
        try (TestFarm farm = new TestFarm(config().withToken(Optional.of(new ApiConfig.Token("secret"))));
                RawClient raw = new RawClient(farm.address)) {
            raw.write("PUT /v1/contexts HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n");
            raw.write(new byte[3_000_000]);
            assertThat(raw.readHead()).startsWith("HTTP/1.1 401").containsIgnoringCase("connection: close");
            assertThat(raw.readRest()).contains("unauthorized");
        }
    }

    @Test
    void connection_isUsedAgainAfterABody() throws Exception {
        try (TestFarm farm = new TestFarm(config()); RawClient raw = new RawClient(farm.address)) {
            byte[] blob = {1, 2, 3};
            for (int i = 0; i < 3; i++) {
                raw.write("POST /v2/a/blobs/uploads/?digest=" + Digest.sha256(blob)
                        + " HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n");
                raw.write(blob);
                assertThat(raw.readHead()).startsWith("HTTP/1.1 201").doesNotContainIgnoringCase("connection: close");
            }
        }
    }

    /** A reader that takes nothing must cost nothing: what it will read stays in the log. */
    @Test
    void slowReaderOfEvents_getsAllWithoutHoldingOthersUp() throws Exception {
        try (TestFarm farm = new TestFarm(config()); RawClient slow = new RawClient(farm.address)) {
            farm.awaitReady();
            BuildId id = farm.submit();
            farm.emit(Samples.started(id, "a", 1));
            slow.socket().setReceiveBufferSize(64 << 10);
            slow.write("GET /v1/builds/" + id + "/events HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(slow.readHead()).startsWith("HTTP/1.1 200");
            for (int i = 0; i < 400; i++) {
                var unused = farm.events.append(
                        new BuildEvent.VertexLog(id, Samples.TIME, "a", Samples.DIGEST, 1, i + "x".repeat(50_000)));
            }
            farm.emit(Samples.succeeded(id, "a"));
            farm.awaitState(id, "succeeded");
            assertThat(farm.get("/v1/builds/" + id + "/events").body()).contains("event: succeeded");
            long read = 0;
            byte[] buffer = new byte[1 << 16];
            StringBuilder end = new StringBuilder();
            while (end.indexOf("event: succeeded") < 0) {
                int n = slow.read(buffer);
                assertThat(n).isPositive();
                read += n;
                end.append(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
                end.delete(0, Math.max(0, end.length() - 400));
            }
            assertThat(read).isGreaterThan(400L * 50_000);
        }
    }

    @Test
    void failureOfTheServer_isAProblemWithAnIdAndNothingElse() throws Exception {
        try (TestFarm farm = new TestFarm(config())) {
            farm.awaitReady();
            java.nio.file.Path manifests = folder.resolve("registry/repositories/a/_manifests/sha256");
            java.nio.file.Files.createDirectories(manifests.resolve(Samples.DIGEST.hex()));
            var response = farm.client()
                .send(java.net.http.HttpRequest
                    .newBuilder(farm.uri("/v2/a/manifests/" + Samples.DIGEST))
                    .timeout(Duration.ofSeconds(10))
                    .build(),
                        java.net.http.HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(500);
            assertThat(response.body()).containsPattern("under the id [0-9a-f]{16}")
                .doesNotContain("java")
                .doesNotContain(folder.toString());
        }
    }
}
