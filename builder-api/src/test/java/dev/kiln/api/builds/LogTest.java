package dev.kiln.api.builds;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.api.TestFarm;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.Samples;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.BuildId;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class LogTest {
    private static final String TEXT = "#1 [1/2] RUN make\n#1 0.000 hellö\n";
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

    private HttpResponse<String> log(String... headers) throws Exception {
        return farm.get("/v1/builds/" + id + "/log", headers);
    }

    private void print(String attempt) throws Exception {
        farm.emit(Samples.started(id, attempt, 1),
                new BuildEvent.VertexAdded(id, Samples.TIME, attempt, Samples.DIGEST, "[1/2] RUN make", List.of()),
                new BuildEvent.VertexStarted(id, Samples.TIME, attempt, Samples.DIGEST),
                new BuildEvent.VertexLog(id, Samples.TIME, attempt, Samples.DIGEST, 1, "hellö\n"));
        farm.awaitState(id, "running");
        org.awaitility.Awaitility.await().until(() -> log().body().contains("hellö"));
    }

    private void fail(String attempt, Optional<Descriptor> log) throws Exception {
        farm.emit(new BuildEvent.Failed(id, Samples.TIME, Optional.of(attempt), BuildEvent.Reason.STEP_FAILED, "boom",
                Optional.empty(), Optional.of(2), false, log));
        farm.awaitState(id, "failed");
    }

    @Test
    void log_ofQueuedBuild_isEmpty() throws Exception {
        assertThat(log().body()).isEmpty();
    }

    @Test
    void log_ofRunningBuild_isWhatThereIs() throws Exception {
        print("a");
        HttpResponse<String> response = log();
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/plain; charset=utf-8");
        assertThat(response.body()).isEqualTo(TEXT);
    }

    @Test
    void log_ofSecondAttempt_leavesOutTheFirst() throws Exception {
        print("a");
        print("b");
        assertThat(log().body()).isEqualTo(TEXT);
    }

    @Test
    void log_ofFinishedBuild_isItsBlob() throws Exception {
        print("a");
        byte[] blob = "the whole log\n".getBytes(StandardCharsets.UTF_8);
        Digest digest = farm.content.ingest(blob);
        fail("a", Optional.of(Descriptor.of("text/plain", digest, blob.length)));
        assertThat(log().body()).isEqualTo("the whole log\n");
        assertThat(log("Range", "bytes=4-8").body()).isEqualTo("whole");
        assertThat(farm.get("/v1/builds/" + id + "/log?follow=1").body()).isEqualTo("the whole log\n");
    }

    @Test
    void log_blobIsGone_comesFromTheEvents() throws Exception {
        print("a");
        fail("a", Optional.of(Descriptor.of("text/plain", Samples.DIGEST, 17)));
        assertThat(log().body()).isEqualTo(TEXT + "\nERROR: boom\n");
    }

    @Test
    void range_ofRunningBuild_isThatPart() throws Exception {
        print("a");
        byte[] all = TEXT.getBytes(StandardCharsets.UTF_8);
        HttpResponse<String> middle = log("Range", "bytes=3-6");
        assertThat(middle.statusCode()).isEqualTo(206);
        assertThat(middle.body()).isEqualTo("[1/2");
        assertThat(middle.headers().firstValue("Content-Range")).hasValue("bytes 3-6/" + all.length);
        assertThat(log("Range", "bytes=-5").body()).isEqualTo("llö\n");
        assertThat(log("Range", "bytes=0-").body()).isEqualTo(TEXT);
        assertThat(log("Range", "bytes=1-99999").body()).isEqualTo(TEXT.substring(1));
        HttpResponse<String> beyond = log("Range", "bytes=" + all.length + "-");
        assertThat(beyond.statusCode()).isEqualTo(416);
        assertThat(beyond.headers().firstValue("Content-Range")).hasValue("bytes */" + all.length);
        assertThat(log("Range", "bytes=0-1,3-4").statusCode()).isEqualTo(200);
        assertThat(log("Range", "lines=1-2").statusCode()).isEqualTo(200);
    }

    @Test
    void follow_runningBuild_goesOnToTheEnd() throws Exception {
        print("a");
        HttpResponse<InputStream> response = farm.client()
            .send(
                    HttpRequest.newBuilder(farm.uri("/v1/builds/" + id + "/log?follow=1")).build(),
                    BodyHandlers.ofInputStream());
        try (BufferedReader in = new BufferedReader(
                new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            assertThat(in.readLine()).isEqualTo("#1 [1/2] RUN make");
            assertThat(in.readLine()).isEqualTo("#1 0.000 hellö");
            farm.emit(new BuildEvent.VertexLog(id, Samples.TIME, "a", Samples.DIGEST, 2, "more\n"));
            assertThat(in.readLine()).isEqualTo("#1 0.000 more");
            fail("a", Optional.empty());
            assertThat(in.readLine()).isEmpty();
            assertThat(in.readLine()).isEqualTo("ERROR: boom");
            assertThat(in.readLine()).isNull();
        }
    }

    @Test
    void follow_withRange_isRefused() throws Exception {
        assertThat(farm.get("/v1/builds/" + id + "/log?follow=1", "Range", "bytes=0-1").statusCode()).isEqualTo(400);
    }
}
