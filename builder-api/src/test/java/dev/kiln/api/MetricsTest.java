package dev.kiln.api;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.BuildId;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@Timeout(60)
class MetricsTest {
    @TempDir
    Path folder;

    private static String page(TestFarm farm) throws Exception {
        HttpResponse<String> response = farm.get("/metrics");
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body();
    }

    @Test
    void backlog_isCountedForEachTenant() throws Exception {
        try (TestFarm farm = new TestFarm(folder)) {
            farm.awaitReady();
            var _ = farm.submit();
            farm.send("POST", "/v1/builds?tenant=team-a", TestFarm.context(), "Content-Type", "application/x-tar");
            farm.clock.advance(Duration.ofSeconds(2));
            var _ = page(farm);
            assertThat(page(farm)).contains("kiln_queue_builds{tenant=\"default\"} 1.0",
                    "kiln_queue_builds{tenant=\"team-a\"} 1.0", "kiln_queue_oldest_age_seconds{tenant=\"team-a\"} 2.0");
        }
    }

    @Test
    void backlog_isCountedWithTheAgeOfTheOldest() throws Exception {
        try (TestFarm farm = new TestFarm(folder)) {
            farm.awaitReady();
            BuildId first = farm.submit();
            farm.clock.advance(Duration.ofSeconds(40));
            BuildId second = farm.submit();
            farm.clock.advance(Duration.ofSeconds(2));
            assertThat(page(farm)).contains("kiln_queue_builds{tenant=\"default\"} 2.0",
                    "kiln_queue_oldest_age_seconds{tenant=\"default\"} 42.0",
                    "kiln_running_builds{tenant=\"default\"} 0.0", "kiln_ledger_caught_up 1.0");

            farm.emit(new BuildEvent.Started(first, farm.clock.instant(), "a", "w", 1));
            farm.awaitState(first, "running");
            farm.clock.advance(Duration.ofSeconds(2));
            assertThat(page(farm)).contains("kiln_queue_builds{tenant=\"default\"} 1.0",
                    "kiln_queue_oldest_age_seconds{tenant=\"default\"} 4.0",
                    "kiln_running_builds{tenant=\"default\"} 1.0");

            for (BuildId build : new BuildId[]{first, second}) {
                farm.emit(new BuildEvent.Cancelled(build, farm.clock.instant(), Optional.empty(), "x",
                        Optional.empty()));
                farm.awaitState(build, "cancelled");
            }
            farm.clock.advance(Duration.ofSeconds(2));
            assertThat(page(farm)).contains("kiln_queue_builds{tenant=\"default\"} 0.0",
                    "kiln_queue_oldest_age_seconds{tenant=\"default\"} 0.0",
                    "kiln_running_builds{tenant=\"default\"} 0.0",
                    "kiln_events_appended_total{outcome=\"durable\"} 2.0");
        }
    }

    @Test
    void requests_areCountedByRouteAndClassOfStatus() throws Exception {
        try (TestFarm farm = new TestFarm(folder)) {
            farm.awaitReady();
            BuildId build = farm.submit();
            farm.get("/v1/builds/" + build);
            farm.get("/v1/builds/" + build);
            farm.get("/v1/builds/nosuchbuild");
            farm.get("/nothing/" + build);
            farm.send("PUT", "/v2/x/blobs/uploads", new byte[0]);
            await().untilAsserted(() -> assertThat(page(farm)).contains(
                    "kiln_http_requests_total{route=\"submitBuild\",status=\"2xx\"} 1.0",
                    "kiln_http_requests_total{route=\"getBuild\",status=\"2xx\"} 2.0",
                    "kiln_http_requests_total{route=\"getBuild\",status=\"4xx\"} 1.0",
                    "kiln_http_requests_total{route=\"none\",status=\"4xx\"}",
                    "kiln_http_request_duration_seconds_bucket{route=\"getBuild\",le=\"3600.0\"} 3"));
            assertThat(page(farm)).doesNotContain(build.toString(), "nosuchbuild");
        }
    }

    @Test
    void registry_countsTheBytesOfItsBodies() throws Exception {
        try (TestFarm farm = new TestFarm(folder)) {
            farm.awaitReady();
            byte[] blob = new byte[5000];
            String digest = dev.kiln.layercache.oci.Digest.sha256(blob).toString();
            assertThat(farm.send("POST", "/v2/x/blobs/uploads/?digest=" + digest, blob, "Content-Type",
                    "application/octet-stream")
                .statusCode()).isEqualTo(201);
            assertThat(farm.get("/v2/x/blobs/" + digest).statusCode()).isEqualTo(200);
            await().untilAsserted(() -> assertThat(page(farm)).contains("kiln_registry_received_bytes_total 5000.0")
                .containsPattern("kiln_registry_sent_bytes_total [5-9][0-9]{3}\\.0"));
        }
    }

    @Test
    void page_wantsTheToken_whereThereIsOne() throws Exception {
        ApiConfig config = ApiConfig.of(new ApiConfig.Address("127.0.0.1", 0), folder, "none:9092")
            .withToken(Optional.of(new ApiConfig.Token("s3cret")));
        try (TestFarm farm = new TestFarm(config)) {
            assertThat(farm.get("/metrics").statusCode()).isEqualTo(401);
            assertThat(farm.get("/metrics", "Authorization", "Bearer wrong").statusCode()).isEqualTo(401);
            HttpResponse<String> response = farm.get("/metrics", "Authorization", "Bearer s3cret", "Accept",
                    "application/openmetrics-text; version=1.0.0");
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith(
                    "application/openmetrics-text");
            assertThat(response.body()).endsWith("# EOF\n").doesNotContain("s3cret");
        }
    }
}
