package dev.kiln.api;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.api.access.AccessFile;
import dev.kiln.api.distribution.UploadSessions;
import dev.kiln.layercache.context.ContextEntry;
import dev.kiln.layercache.context.ContextListing;
import dev.kiln.layercache.context.ContextUpload;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.posix.RawPath;
import dev.kiln.queue.BacklogEntry;
import dev.kiln.queue.Samples;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.BuildId;

import static org.assertj.core.api.Assertions.assertThat;

/** Provokes every status that the description promises, operation by operation. */
@Timeout(120)
class DescribedAnswersTest {
    private static final String ABSENT = Digest.sha256("absent".getBytes(StandardCharsets.UTF_8)).toString();
    /** Slow bodies, full disks and the server's own faults have tests of their own, without HTTP's whole surface. */
    private static final Set<Integer> ELSEWHERE = Set.of(408, 500, 507);

    @TempDir
    Path folder;

    private final List<String> wrong = new ArrayList<>();

    private void expect(TestFarm farm, int status, String method, String path, byte[] body, String... headers)
            throws Exception {
        HttpResponse<String> response = body.length == 0
                ? farm.send(method, path, BodyPublishers.noBody(), headers)
                : farm.send(method, path, body, headers);
        if (response.statusCode() != status) {
            wrong.add(method + " " + path + " → " + response.statusCode() + ", expected " + status + ": "
                    + response.body());
        }
    }

    private void expect(TestFarm farm, int status, String method, String path) throws Exception {
        expect(farm, status, method, path, new byte[0]);
    }

    @Test
    void everyDescribedStatus_canBeHad() throws Exception {
        ApiConfig config = ApiConfig.of(new ApiConfig.Address("127.0.0.1", 0), folder.resolve("open"), "none:9092")
            .withContextLimit(100_000);
        try (TestFarm farm = new TestFarm(config)) {
            farm.awaitReady();
            probes(farm);
            contexts(farm);
            builds(farm);
            registry(farm);
            uploads(farm);
            disks(farm);
            queue(farm);
        }
        fullQueue(config);
        try (TestFarm farm = new TestFarm(
                config.withToken(Optional.of(new ApiConfig.Token("secret"))))) {
            for (OpenApi.Operation operation : OpenApi.all()) {
                if (operation.responses().containsKey(401) && !operation.id().equals("getTicket")) {
                    expect(farm, 401, operation.method(), operation.path().replaceAll("[{}]", ""));
                }
            }
        }
        listed(config.withToken(Optional.of(new ApiConfig.Token("secret"))));
        fullOfUploads(config);
        assertThat(wrong).isEmpty();
        Set<String> promised = new TreeSet<>();
        OpenApi.all()
            .forEach(o -> o.responses()
                .keySet()
                .stream()
                .filter(s -> !ELSEWHERE.contains(s))
                .forEach(status -> promised.add(o.id() + " " + status)));
        promised.removeAll(OpenApi.seen());
        promised.remove("beginUpload 503");
        assertThat(promised).as("described and never seen").isEmpty();
    }

    /** A registry with an access list, and a token that may do nothing. */
    private void listed(ApiConfig config) throws Exception {
        Path list = Files.writeString(folder.resolve("access.yaml"),
                "tokens: {guest: {sha256: " + Digest.sha256("guest".getBytes(StandardCharsets.UTF_8)).hex() + "}}");
        RegistrySettings settings = config.registry().withAccess(Optional.of(AccessFile.read(list)));
        try (TestFarm farm = new TestFarm(config.withRegistry(settings))) {
            for (OpenApi.Operation operation : OpenApi.all()) {
                if (operation.responses().containsKey(403)) {
                    expect(farm, 403, operation.method(), operation.path().replaceAll("[{}]", ""), new byte[0],
                            "Authorization", "Bearer guest");
                }
            }
            expect(farm, 200, "GET", "/v2/token", new byte[0], "Authorization", "Bearer guest");
            expect(farm, 401, "GET", "/v2/token", new byte[0], "Authorization", "Bearer wrong");
            expect(farm, 400, "GET", "/v2/token?service=other");
        }
    }

    private void fullOfUploads(ApiConfig config) throws Exception {
        RegistrySettings settings = config.registry()
            .withUploads(new UploadSessions.Bounds(10, Duration.ofHours(1), 10));
        ApiConfig small = ApiConfig.of(config.http(), folder.resolve("full"), config.kafka()).withRegistry(settings);
        try (TestFarm farm = new TestFarm(small)) {
            expect(farm, 413, "POST", "/v2/a/blobs/uploads/?digest=" + ABSENT, new byte[20]);
            expect(farm, 413, "PATCH", begin(farm), new byte[20]);
            expect(farm, 413, "PUT", begin(farm) + "?digest=" + ABSENT, new byte[20]);
            expect(farm, 202, "PATCH", begin(farm), new byte[8]);
            expect(farm, 429, "PATCH", begin(farm), new byte[5]);
            expect(farm, 429, "PUT", begin(farm) + "?digest=" + ABSENT, new byte[5]);
        }
    }

    private void disks(TestFarm farm) throws Exception {
        byte[] everything = "{\"all\":true}".getBytes(StandardCharsets.UTF_8);
        // One that is there and never answers would be waited for.
        farm.announce("executor-1", 0);
        expect(farm, 200, "GET", "/v1/usage");
        expect(farm, 400, "GET", "/v1/usage?kind=dust");
        expect(farm, 200, "POST", "/v1/prune", everything);
        expect(farm, 400, "POST", "/v1/prune", "{\"dust\":1}".getBytes(StandardCharsets.UTF_8));
        expect(farm, 413, "POST", "/v1/prune", new byte[100_000]);
        farm.upkeep.setAvailable(false);
        expect(farm, 503, "GET", "/v1/usage");
        expect(farm, 503, "POST", "/v1/prune", everything);
        farm.upkeep.setAvailable(true);
    }

    private void queue(TestFarm farm) throws Exception {
        farm.announce("executor-1", 4);
        expect(farm, 200, "GET", "/v1/queue");
        expect(farm, 400, "GET", "/v1/queue?limit=0");
        expect(farm, 200, "GET", "/v1/dead-letters");
        expect(farm, 400, "GET", "/v1/dead-letters?x=y");
        String letter = "/v1/dead-letters/" + Samples.ID;
        for (String method : List.of("GET", "DELETE")) {
            expect(farm, 400, method, "/v1/dead-letters/x");
            expect(farm, 404, method, letter);
        }
        expect(farm, 400, "POST", "/v1/dead-letters/x/retry");
        expect(farm, 404, "POST", letter + "/retry");
        farm.dead.put(BacklogEntry.waiting(Samples.sealedJob(Samples.ID), Samples.TIME).dead(Samples.TIME, "why"));
        expect(farm, 200, "GET", letter);
        expect(farm, 422, "POST", letter + "/retry");
        farm.dead.setAvailable(false);
        expect(farm, 503, "DELETE", letter);
        farm.dead.setAvailable(true);
        expect(farm, 204, "DELETE", letter);
        BuildId build = farm.submit();
        farm.dead.put(farm.waiting.get(build).orElseThrow().dead(Samples.TIME, "why"));
        farm.waiting.setAvailable(false);
        expect(farm, 503, "POST", "/v1/dead-letters/" + build + "/retry");
        farm.waiting.setAvailable(true);
        expect(farm, 202, "POST", "/v1/dead-letters/" + build + "/retry");
    }

    private void fullQueue(ApiConfig config) throws Exception {
        ApiConfig small = ApiConfig.of(config.http(), folder.resolve("waiting"), config.kafka())
            .withQueue(new ApiConfig.Waiting(ApiConfig.Waiting.DEFAULT.tenants(), 1));
        try (TestFarm farm = new TestFarm(small)) {
            BuildId build = farm.submit();
            expect(farm, 429, "POST", "/v1/builds", TestFarm.context(), "Content-Type", "application/x-tar");
            farm.dead.put(farm.waiting.get(build).orElseThrow().dead(Samples.TIME, "why"));
            expect(farm, 429, "POST", "/v1/dead-letters/" + build + "/retry");
        }
    }

    private void probes(TestFarm farm) throws Exception {
        expect(farm, 200, "GET", "/livez");
        expect(farm, 200, "GET", "/metrics");
        expect(farm, 200, "GET", "/openapi.yaml");
        farm.events.setAvailable(false);
        farm.clock.advance(Duration.ofSeconds(5));
        expect(farm, 503, "GET", "/readyz");
        farm.events.setAvailable(true);
        farm.clock.advance(Duration.ofSeconds(5));
        expect(farm, 200, "GET", "/readyz");
    }

    /** One file of so many bytes. */
    private static byte[] upload(int size, List<Integer> sent) {
        byte[] data = new byte[size];
        ContextListing listing = ContextListing.of(List.of(new ContextEntry.File(RawPath.ofUtf8("f"), 0644,
                Instant.EPOCH, size, Digest.sha256(data))));
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(new ContextUpload(listing, Optional.empty(), sent).header());
        sent.forEach(_ -> body.writeBytes(data));
        return body.toByteArray();
    }

    private void contexts(TestFarm farm) throws Exception {
        byte[] tar = TestFarm.context();
        expect(farm, 201, "PUT", "/v1/contexts", tar);
        String upload = ContextUpload.MEDIA_TYPE;
        expect(farm, 200, "POST", "/v1/contexts", upload(5, List.of()), "Content-Type", upload);
        expect(farm, 201, "POST", "/v1/contexts", upload(5, List.of(0)), "Content-Type", upload);
        expect(farm, 400, "POST", "/v1/contexts?digest=" + ABSENT, upload(5, List.of(0)), "Content-Type", upload);
        expect(farm, 413, "POST", "/v1/contexts", upload(200_000, List.of()), "Content-Type", upload);
        expect(farm, 415, "POST", "/v1/contexts", tar);
        expect(farm, 422, "POST", "/v1/contexts", "xxx".getBytes(StandardCharsets.UTF_8), "Content-Type", upload);
        expect(farm, 400, "PUT", "/v1/contexts?digest=" + ABSENT, tar);
        expect(farm, 413, "PUT", "/v1/contexts", new byte[200_000]);
        expect(farm, 415, "PUT", "/v1/contexts", tar, "Content-Type", "text/plain");
        expect(farm, 422, "PUT", "/v1/contexts", "x".repeat(2000).getBytes(StandardCharsets.UTF_8));
        expect(farm, 200, "HEAD", "/v1/contexts/" + Digest.sha256(tar));
        expect(farm, 400, "HEAD", "/v1/contexts/x");
        expect(farm, 404, "HEAD", "/v1/contexts/" + ABSENT);
    }

    private void builds(TestFarm farm) throws Exception {
        String[] json = {"Content-Type", "application/json"};
        expect(farm, 202, "POST", "/v1/builds", TestFarm.context(), "Content-Type", "application/x-tar");
        expect(farm, 400, "POST", "/v1/builds", "{}".getBytes(StandardCharsets.UTF_8), json);
        expect(farm, 413, "POST", "/v1/builds", new byte[8 << 20], json);
        expect(farm, 415, "POST", "/v1/builds", new byte[1]);
        expect(farm, 422, "POST", "/v1/builds", ("{\"context\":{\"digest\":\"" + ABSENT + "\"}}").getBytes(), json);
        farm.waiting.setAvailable(false);
        expect(farm, 503, "POST", "/v1/builds", TestFarm.context(), "Content-Type", "application/x-tar");
        farm.waiting.setAvailable(true);
        expect(farm, 200, "GET", "/v1/builds");
        expect(farm, 400, "GET", "/v1/builds?x=y");

        farm.announce("executor-1", 4);
        BuildId id = farm.submit();
        String build = "/v1/builds/" + id;
        var _ = farm.claim();
        expect(farm, 200, "GET", build);
        expect(farm, 202, "DELETE", build);
        farm.cancellations.setAvailable(false);
        expect(farm, 503, "DELETE", build);
        farm.cancellations.setAvailable(true);
        farm.emit(Samples.started(id, "a", 1), new BuildEvent.Warning(id, Samples.TIME, "a", "hello"));
        long last = farm.emit(Samples.succeeded(id, "a")).getFirst();
        farm.awaitState(id, "succeeded");
        expect(farm, 409, "DELETE", build);
        expect(farm, 200, "GET", build + "/events");
        expect(farm, 204, "GET", build + "/events?after=" + last);
        expect(farm, 200, "GET", build + "/log");
        expect(farm, 200, "GET", build + "/why");
        expect(farm, 206, "GET", build + "/log", new byte[0], "Range", "bytes=0-2");
        expect(farm, 416, "GET", build + "/log", new byte[0], "Range", "bytes=9999-");
        for (String path : List.of("", "/events", "/log", "/why")) {
            expect(farm, 400, "GET", "/v1/builds/x" + path);
            expect(farm, 404, "GET", "/v1/builds/" + Samples.ID + path);
        }
        expect(farm, 400, "DELETE", "/v1/builds/x");
        expect(farm, 404, "DELETE", "/v1/builds/" + Samples.ID);
        farm.events.setAvailable(false);
        farm.restart();
        farm.events.setAvailable(true);
        farm.awaitReady();
        starting(farm);
    }

    /** While the log of builds is not read, nobody can say what is not there. */
    private void starting(TestFarm farm) throws Exception {
        farm.events.setAvailable(false);
        farm.restart();
        expect(farm, 503, "GET", "/v1/builds");
        for (String path : List.of("", "/events", "/log", "/why")) {
            expect(farm, 503, "GET", "/v1/builds/" + Samples.ID + path);
        }
        farm.events.setAvailable(true);
        farm.awaitReady();
    }

    private void registry(TestFarm farm) throws Exception {
        byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
        String blob = "/v2/a/blobs/" + Digest.sha256(config);
        expect(farm, 201, "POST", "/v2/a/blobs/uploads/?digest=" + Digest.sha256(config), config);
        byte[] manifest = ("{\"schemaVersion\":2,\"config\":{\"mediaType\":\"" + MediaTypes.OCI_CONFIG
                + "\",\"size\":2,\"digest\":\"" + Digest.sha256(config) + "\"},\"layers\":[]}")
            .getBytes(StandardCharsets.UTF_8);
        String[] type = {"Content-Type", MediaTypes.OCI_MANIFEST};
        expect(farm, 200, "GET", "/v2/");
        expect(farm, 201, "PUT", "/v2/a/manifests/1", manifest, type);
        expect(farm, 400, "PUT", "/v2/a/manifests/1", new byte[]{1}, type);
        expect(farm, 413, "PUT", "/v2/a/manifests/1", new byte[5 << 20], type);
        expect(farm, 200, "GET", "/v2/_catalog");
        expect(farm, 400, "GET", "/v2/_catalog?n=x");
        expect(farm, 200, "GET", "/v2/a/tags/list");
        expect(farm, 400, "GET", "/v2/A/tags/list");
        expect(farm, 404, "GET", "/v2/b/tags/list");
        expect(farm, 200, "GET", "/v2/a/referrers/" + ABSENT);
        expect(farm, 400, "GET", "/v2/a/referrers/x");
        expect(farm, 206, "GET", blob, new byte[0], "Range", "bytes=0-0");
        expect(farm, 416, "GET", blob, new byte[0], "Range", "bytes=5-");
        expect(farm, 405, "DELETE", blob);
        String tags = "?tag=t" + "&tag=t".repeat(100);
        expect(farm, 414, "PUT", "/v2/a/manifests/" + Digest.sha256(manifest) + tags, manifest, type);
        expect(farm, 404, "GET", "/v2/token");
        for (String method : List.of("GET", "HEAD", "DELETE")) {
            int found = method.equals("DELETE") ? 202 : 200;
            expect(farm, 400, method, "/v2/A/manifests/1");
            expect(farm, 404, method, "/v2/a/manifests/2");
            expect(farm, found, method, "/v2/a/manifests/1");
            expect(farm, found, method, "/v2/a/manifests/" + Digest.sha256(manifest));
            expect(farm, 400, method, "/v2/a/blobs/x");
            expect(farm, 404, method, "/v2/a/blobs/" + ABSENT);
            expect(farm, found, method, blob);
        }
    }

    private void uploads(TestFarm farm) throws Exception {
        byte[] bytes = {1, 2, 3};
        String location = begin(farm);
        expect(farm, 202, "PATCH", location, bytes);
        expect(farm, 204, "GET", location);
        for (String method : List.of("GET", "PATCH", "PUT", "DELETE")) {
            String query = method.equals("PUT") ? "?digest=" + Digest.sha256(bytes) : "";
            expect(farm, 404, method, "/v2/a/blobs/uploads/nope" + query);
            expect(farm, 400, method, "/v2/A/blobs/uploads/nope" + query);
        }
        expect(farm, 416, "PATCH", location, bytes, "Content-Range", "9-11");
        expect(farm, 416, "PUT", location + "?digest=" + ABSENT, bytes, "Content-Range", "9-11");
        try (dev.kiln.api.builds.RawClient holder = new dev.kiln.api.builds.RawClient(farm.address)) {
            holder.write("PATCH " + location + " HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc");
            org.awaitility.Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> farm.get(location).statusCode() == 409);
            expect(farm, 409, "PATCH", location, bytes);
            expect(farm, 409, "PUT", location + "?digest=" + ABSENT);
            expect(farm, 409, "DELETE", location);
        }
        org.awaitility.Awaitility.await()
            .atMost(Duration.ofSeconds(10))
            .until(() -> farm.get(location).statusCode() == 204);
        expect(farm, 204, "DELETE", location);
        expect(farm, 400, "POST", "/v2/a/blobs/uploads/?digest=" + ABSENT, bytes);
        String last = begin(farm);
        expect(farm, 201, "PUT", last + "?digest=" + Digest.sha256(bytes), bytes);
        for (int i = 0; i < RegistrySettings.DEFAULT.uploads().count(); i++) {
            farm.send("POST", "/v2/a/blobs/uploads/", BodyPublishers.noBody());
        }
        expect(farm, 429, "POST", "/v2/a/blobs/uploads/");
    }

    private static String begin(TestFarm farm) throws Exception {
        HttpResponse<String> response = farm.send("POST", "/v2/a/blobs/uploads/", BodyPublishers.noBody());
        assertThat(response.statusCode()).isEqualTo(202);
        return response.headers().firstValue("Location").orElseThrow();
    }
}
