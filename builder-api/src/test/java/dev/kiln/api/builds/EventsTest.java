package dev.kiln.api.builds;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.api.TestFarm;
import dev.kiln.queue.Samples;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.event.EventJson;
import dev.kiln.queue.job.BuildId;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class EventsTest {
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

    /** One server-sent event. */
    private record Sent(long id, String type, String data) {
        BuildEvent event() {
            return EventJson.read(data.getBytes(StandardCharsets.UTF_8)).orElseThrow();
        }
    }

    private HttpResponse<InputStream> open(String query, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(farm.uri("/v1/builds/" + id + "/events" + query));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return farm.client().send(request.build(), BodyHandlers.ofInputStream());
    }

    /** Everything until the stream ends. */
    private static List<Sent> readAll(HttpResponse<InputStream> response) throws Exception {
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/event-stream");
        List<Sent> all = new ArrayList<>();
        try (BufferedReader in = new BufferedReader(
                new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            while (true) {
                Sent sent = next(in);
                if (sent == null) {
                    return all;
                }
                all.add(sent);
            }
        }
    }

    private static Sent next(BufferedReader in) throws Exception {
        long id = -1;
        String type = "";
        String data = "";
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.isEmpty() && !data.isEmpty()) {
                return new Sent(id, type, data);
            } else if (line.startsWith("id: ")) {
                id = Long.parseLong(line.substring(4));
            } else if (line.startsWith("event: ")) {
                type = line.substring(7);
            } else if (line.startsWith("data: ")) {
                data = line.substring(6);
            }
        }
        return null;
    }

    @Test
    void events_beforeAndAfterOpening_comeOnceInOrderToEveryReader() throws Exception {
        farm.emit(Samples.started(id, "a", 1), Samples.log(id, "one\n"));
        farm.awaitState(id, "running");
        List<Future<List<Sent>>> readers = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 5; i++) {
                HttpResponse<InputStream> response = open("");
                readers.add(threads.submit(() -> readAll(response)));
            }
            List<BuildEvent> logs = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                logs.add(new BuildEvent.VertexLog(id, Samples.TIME, "a", Samples.DIGEST, 1, "line " + i + "\n"));
            }
            farm.emit(logs.toArray(BuildEvent[]::new));
            farm.emit(Samples.succeeded(id, "a"));
            for (Future<List<Sent>> reader : readers) {
                List<Sent> sent = reader.get();
                assertThat(sent).extracting(Sent::event)
                    .isEqualTo(
                            farm.events.events(id).stream().filter(e -> attemptIs(e, "a")).toList());
                assertThat(sent).extracting(Sent::id).isSorted().doesNotHaveDuplicates();
                assertThat(sent.getFirst().type()).isEqualTo("queued");
                assertThat(sent.getLast().type()).isEqualTo("succeeded");
            }
        }
    }

    private static boolean attemptIs(BuildEvent event, String attempt) {
        return dev.kiln.queue.event.Attempts.attempt(event).map(attempt::equals).orElse(true);
    }

    @Test
    void events_afterAnyId_areTheRest() throws Exception {
        farm.emit(Samples.started(id, "a", 1), new BuildEvent.Warning(id, Samples.TIME, "a", "careful"),
                Samples.succeeded(id, "a"));
        farm.awaitState(id, "succeeded");
        List<Sent> all = readAll(open(""));
        assertThat(all).hasSize(4);
        for (int i = 0; i < all.size() - 1; i++) {
            List<Sent> rest = all.subList(i + 1, all.size());
            assertThat(readAll(open("?after=" + all.get(i).id()))).isEqualTo(rest);
            assertThat(readAll(open("", "Last-Event-ID", "" + all.get(i).id()))).isEqualTo(rest);
            assertThat(readAll(open("?after=" + all.get(i).id(), "Last-Event-ID", "-1"))).isEqualTo(rest);
        }
        assertThat(farm.get("/v1/builds/" + id + "/events?after=" + all.getLast().id()).statusCode()).isEqualTo(204);
    }

    @Test
    void events_ofASupersededAttempt_areLeftOut() throws Exception {
        List<Long> positions = farm.emit(Samples.started(id, "a", 1), Samples.started(id, "b", 2),
                new BuildEvent.Warning(id, Samples.TIME, "a", "late"), Samples.succeeded(id, "a"),
                new BuildEvent.Warning(id, Samples.TIME, "b", "good"), Samples.succeeded(id, "b"),
                new BuildEvent.Warning(id, Samples.TIME, "b", "after the end"));
        farm.awaitState(id, "succeeded");
        assertThat(readAll(open(""))).extracting(Sent::type)
            .containsExactly("queued", "started", "started", "warning",
                    "succeeded");
        assertThat(readAll(open("?after=" + positions.get(1)))).extracting(Sent::type)
            .containsExactly("warning",
                    "succeeded");
    }

    @Test
    void events_thatTheTailHasDropped_comeFromTheLog() throws Exception {
        farm.emit(Samples.started(id, "a", 1));
        HttpResponse<InputStream> response = open("");
        int count = 600;
        for (int i = 0; i < count; i++) {
            var unused = farm.events.append(
                    new BuildEvent.VertexLog(id, Samples.TIME, "a", Samples.DIGEST, 1, i + "x".repeat(60_000)));
        }
        farm.emit(Samples.succeeded(id, "a"));
        farm.awaitState(id, "succeeded");
        List<Sent> sent = readAll(response);
        assertThat(sent).hasSize(count + 3);
        assertThat(sent).extracting(Sent::id).isSorted().doesNotHaveDuplicates();
        assertThat(readAll(open(""))).hasSize(count + 3);
    }

    @Test
    void events_afterARestart_areAllThere() throws Exception {
        farm.emit(Samples.started(id, "a", 1), Samples.succeeded(id, "a"));
        farm.awaitState(id, "succeeded");
        List<Sent> before = readAll(open(""));
        farm.restart();
        farm.awaitState(id, "succeeded");
        assertThat(readAll(open(""))).isEqualTo(before);
    }

    @Test
    void events_serverStops_endsTheStream() throws Exception {
        HttpResponse<InputStream> response = open("");
        try (BufferedReader in = new BufferedReader(
                new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            assertThat(next(in).type()).isEqualTo("queued");
            farm.restart();
            assertThat(next(in)).isNull();
        }
    }

    @Test
    void events_wrongRequests_areRefused() throws Exception {
        assertThat(farm.get("/v1/builds/" + id + "/events?after=x").statusCode()).isEqualTo(400);
        assertThat(farm.get("/v1/builds/" + id + "/events?since=1").statusCode()).isEqualTo(400);
        assertThat(farm.get("/v1/builds/" + id + "/events", "Last-Event-ID", "x").statusCode()).isEqualTo(400);
        assertThat(farm.get("/v1/builds/" + Samples.ID + "/events").statusCode()).isEqualTo(404);
        farm.emit(Samples.started(id, "a", 1));
    }
}
