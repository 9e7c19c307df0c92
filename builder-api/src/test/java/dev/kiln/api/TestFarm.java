package dev.kiln.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.api.builds.Queues;
import dev.kiln.api.distribution.TagStore;
import dev.kiln.api.http.Json;
import dev.kiln.layercache.content.DiskContentStore;
import dev.kiln.layercache.lease.Item;
import dev.kiln.layercache.lease.Leases;
import dev.kiln.metrics.ProcessMetrics;
import dev.kiln.queue.Backlogs;
import dev.kiln.queue.Claim;
import dev.kiln.queue.ClaimSource;
import dev.kiln.queue.InMemoryBacklog;
import dev.kiln.queue.InMemoryBuildRecords;
import dev.kiln.queue.InMemoryCancellations;
import dev.kiln.queue.InMemoryEventLog;
import dev.kiln.queue.InMemoryJobQueue;
import dev.kiln.queue.InMemoryUpkeep;
import dev.kiln.queue.Leadership;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.upkeep.UpkeepMessage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** An API process over real HTTP on loopback, with a broker in memory and content on disk. */
public final class TestFarm implements AutoCloseable {
    public static final String DOCKERFILE = "FROM scratch\nCOPY a /a\n";

    public final InMemoryJobQueue jobs = new InMemoryJobQueue();
    public final InMemoryEventLog events = new InMemoryEventLog();
    public final InMemoryBuildRecords records = new InMemoryBuildRecords();
    public final InMemoryCancellations cancellations = new InMemoryCancellations();
    public final InMemoryUpkeep upkeep = new InMemoryUpkeep();
    public final InMemoryBacklog waiting = new InMemoryBacklog();
    public final InMemoryBacklog dead = new InMemoryBacklog();
    public final TestClock clock = new TestClock();
    private final Leases leases = new Leases(clock);
    public final DiskContentStore content;
    private final TagStore tags;
    private final ApiConfig config;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    public final ProcessMetrics metrics = new ProcessMetrics();
    private ApiServer server;
    public InetSocketAddress address;

    /** A clock that tests move. */
    public static final class TestClock implements InstantSource {
        private volatile Instant now = Instant.parse("2026-08-01T12:00:00Z");

        @Override
        public Instant instant() {
            return now;
        }

        public void advance(Duration time) {
            now = now.plus(time);
        }
    }

    public TestFarm(Path folder) throws IOException {
        this(ApiConfig.of(new ApiConfig.Address("127.0.0.1", 0), folder, "none:9092"));
    }

    public TestFarm(ApiConfig config) throws IOException {
        this.config = config;
        content = DiskContentStore.open(config.data().resolve("content"), blob -> leases.use(Item.blob(blob)));
        tags = TagStore.open(config.data().resolve("registry"));
        start();
    }

    private void start() throws IOException {
        server = new ApiServer(config, new Queues(jobs, events, records, cancellations, upkeep,
                new Backlogs(waiting, dead, Leadership.ALONE)),
                ApiServer.Storage.alone(content, tags, leases), clock, new SecureRandom(), metrics);
        address = server.start();
        announce("executor-1", 4);
    }

    /** An executor says that it is there. */
    public void announce(String executor, int slots) {
        try {
            upkeep
                .send(new UpkeepMessage.Presence(executor, clock.instant(), slots == 0, slots, List.of("linux/amd64")));
        } catch (QueueException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A new process over the same broker and disk. */
    public void restart() throws IOException {
        server.close();
        start();
    }

    public ApiServer server() {
        return server;
    }

    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + address.getPort() + path);
    }

    public HttpResponse<String> get(String path, String... headers) throws Exception {
        return send("GET", path, BodyPublishers.noBody(), headers);
    }

    public HttpResponse<String> send(String method, String path, BodyPublisher body, String... headers)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
            .method(method, body)
            .timeout(Duration.ofSeconds(20));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return checked(client.send(request.build(), BodyHandlers.ofString()));
    }

    public HttpResponse<String> send(String method, String path, byte[] body, String... headers) throws Exception {
        return send(method, path, BodyPublishers.ofByteArray(body), headers);
    }

    /** Every answer in every test is one that openapi.yaml describes. */
    private static <T> HttpResponse<T> checked(HttpResponse<T> response) {
        Optional<String> objection = OpenApi.objection(response.request().method(), response.uri().getPath(),
                response.statusCode(), response.headers().firstValue("Content-Type"));
        assertThat(objection).as("%s %s → %s: %s", response.request().method(), response.uri(), response.statusCode(),
                response.body())
            .isEmpty();
        return response;
    }

    public HttpClient client() {
        return client;
    }

    public static ObjectNode json(HttpResponse<String> response) {
        return Json.parse(response.body().getBytes(StandardCharsets.UTF_8));
    }

    /** A plain tar of these files. */
    public static byte[] tar(Map<String, String> files) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8")) {
            for (Map.Entry<String, String> file : new java.util.TreeMap<>(files).entrySet()) {
                byte[] text = file.getValue().getBytes(StandardCharsets.UTF_8);
                TarArchiveEntry entry = new TarArchiveEntry(file.getKey(), true);
                entry.setSize(text.length);
                tar.putArchiveEntry(entry);
                tar.write(text);
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    public static byte[] context() throws IOException {
        return tar(Map.of("Dockerfile", DOCKERFILE, "a", "hello"));
    }

    /** Submits a build in one request; returns its id. */
    public BuildId submit() throws Exception {
        HttpResponse<String> response = send("POST", "/v1/builds", context(), "Content-Type", "application/x-tar");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
        return new BuildId(json(response).get("id").stringValue());
    }

    /** Takes the next build from the queue, as an executor would. */
    public Claim claim() throws Exception {
        try (ClaimSource slot = jobs.openSlot()) {
            Claim claim = slot.take(Duration.ofSeconds(5)).orElseThrow();
            claim.complete();
            return claim;
        }
    }

    /** Appends events of an executor. */
    public List<Long> emit(BuildEvent... of) throws Exception {
        List<Long> positions = new java.util.ArrayList<>();
        for (BuildEvent event : of) {
            positions.add(events.append(event).toCompletableFuture().get());
        }
        return positions;
    }

    /** Waits until the ledger shows the build in a state. */
    public ObjectNode awaitState(BuildId build, String state) {
        ObjectNode[] found = new ObjectNode[1];
        await().atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(10)).untilAsserted(() -> {
            HttpResponse<String> response = get("/v1/builds/" + build);
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            found[0] = json(response);
            assertThat(found[0].get("state").stringValue()).isEqualTo(state);
        });
        return found[0];
    }

    public void awaitReady() {
        await().atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(10)).untilAsserted(() -> {
            clock.advance(Duration.ofSeconds(2));
            assertThat(get("/readyz").statusCode()).isEqualTo(200);
        });
        announce("executor-1", 4);
    }

    @Override
    public void close() throws IOException {
        server.close();
        tags.close();
        content.close();
        metrics.close();
        client.shutdownNow();
    }
}
