package dev.kiln.api.distribution;

import java.io.IOException;
import java.net.Socket;
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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import tools.jackson.databind.JsonNode;

import dev.kiln.api.access.AccessRules;
import dev.kiln.api.access.ListedAccess;
import dev.kiln.api.access.RegistryAccess;
import dev.kiln.api.access.TicketOffice;
import dev.kiln.api.access.TicketRoutes;
import dev.kiln.api.http.Actions;
import dev.kiln.api.http.HttpProblem;
import dev.kiln.api.http.Json;
import dev.kiln.api.http.ProblemException;
import dev.kiln.api.http.TokenGate;
import dev.kiln.layercache.content.DiskContentStore;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.RawManifest;

import static org.assertj.core.api.Assertions.assertThat;

/** A registry over real HTTP on loopback, and a client that follows no redirect and hides nothing. */
final class TestRegistryServer implements AutoCloseable {
    static final int MAX_UPLOADS = 4;
    static final Duration IDLE = Duration.ofMinutes(10);
    static final long MAX_UPLOAD_BYTES = 8 << 20;

    final DiskContentStore content;
    final UploadSessions sessions;
    final TagStore tags;
    final Registry registry;
    final Quotas quotas;
    private final Path root;
    private final Vertx vertx = Vertx.vertx();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Router router;
    private final HttpServer server;
    private Instant now = Instant.parse("2026-08-01T12:00:00Z");

    /** Whether blobs are sent from their files, or through this process. */
    enum Files {
        SENT, COPIED
    }

    TestRegistryServer(Path root) throws Exception {
        this(root, Files.SENT, Optional.empty());
    }

    TestRegistryServer(Path root, Files files, Optional<String> token) throws Exception {
        this(root, Settings.of(files).withToken(token));
    }

    /** How the registry differs from one that everybody may use. */
    record Settings(Files files, Optional<String> token, Optional<AccessRules> access, List<Quota> quotas,
            UploadSessions.Bounds uploads, Quotas.Relief relief) {
        static Settings of(Files files) {
            return new Settings(files, Optional.empty(), Optional.empty(), List.of(),
                    new UploadSessions.Bounds(MAX_UPLOADS, IDLE, MAX_UPLOAD_BYTES), Quotas.Relief.NONE);
        }

        Settings withToken(Optional<String> other) {
            return new Settings(files, other, access, quotas, uploads, relief);
        }

        Settings withAccess(AccessRules other) {
            return new Settings(files, token, Optional.of(other), quotas, uploads, relief);
        }

        Settings withQuotas(Quotas.Relief other, Quota... limits) {
            return new Settings(files, token, access, List.of(limits), uploads, other);
        }
    }

    TestRegistryServer(Path root, Settings settings) throws Exception {
        this.root = root;
        content = DiskContentStore.open(root.resolve("content"));
        InstantSource clock = () -> now;
        tags = TagStore.open(root.resolve("registry"), clock);
        sessions = UploadSessions.open(content, uploads(), settings.uploads(), clock, new Random(System.nanoTime()));
        Actions actions = new Actions(threads, new DistributionErrors(() -> "id"));
        router = Router.router(vertx);
        Actions.prepare(router, Duration.ofSeconds(20));
        RegistryAccess access = access(settings, actions, clock);
        registry = Registry.of(content, files(settings.files()), tags);
        quotas = new Quotas(settings.quotas(), registry, settings.relief(), clock);
        new DistributionRoutes(actions, registry, sessions, quotas, access).addTo(router);
        router.errorHandler(404, routing -> actions.run(_ -> {
            throw new ProblemException(HttpProblem.NOT_FOUND, "nothing here");
        }).handle(routing));
        server = vertx.createHttpServer().requestHandler(router);
        server.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private RegistryAccess access(Settings settings, Actions actions, InstantSource clock) {
        Optional<TokenGate> gate = settings.token().map(TokenGate::new);
        TicketOffice office = new TicketOffice(new SecureRandom(), clock);
        Optional<ListedAccess> listed = settings.access()
            .map(rules -> new ListedAccess(rules, gate.orElseThrow(), office, Optional.empty()));
        if (listed.isEmpty()) {
            gate.ifPresent(g -> router.route("/v2/*").order(-900).handler(actions.gate(g)));
        }
        new TicketRoutes(actions, listed, office).addTo(router);
        return listed.map(RegistryAccess.class::cast).orElse(RegistryAccess.OPEN);
    }

    private BlobFiles files(Files how) {
        BlobFiles files = BlobFiles.of(content);
        return how == Files.SENT ? files : new BlobFiles() {
            @Override
            public Optional<Path> checkedFile(Digest blob) {
                return Optional.empty();
            }

            @Override
            public boolean isThere(Digest blob) {
                return files.isThere(blob);
            }
        };
    }

    /** Where unfinished uploads lie. */
    Path uploads() {
        return root.resolve("content/uploads");
    }

    /** What came back. */
    record Answer(int status, HttpResponse<byte[]> response) {
        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        String text() {
            return new String(response.body(), StandardCharsets.UTF_8);
        }

        JsonNode json() {
            return Json.parse(response.body());
        }

        /** The code of the one error. */
        String code() {
            assertThat(header("Content-Type")).isEqualTo("application/json");
            assertThat(json().get("errors")).hasSize(1);
            assertThat(json().at("/errors/0/message").stringValue()).isNotBlank();
            return json().at("/errors/0/code").stringValue();
        }

        List<String> list(String field) {
            return json().get(field).valueStream().map(JsonNode::stringValue).toList();
        }

        Answer expect(int wanted) {
            assertThat(status).as(() -> text()).isEqualTo(wanted);
            return this;
        }

        Answer expect(int wanted, String code) {
            expect(wanted);
            assertThat(code()).as(() -> text()).isEqualTo(code);
            return this;
        }
    }

    Answer send(String method, String path, BodyPublisher body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
            .timeout(Duration.ofSeconds(30))
            .method(method, body);
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
            return new Answer(response.statusCode(), response);
        } catch (IOException e) {
            throw new AssertionError(method + " " + path, e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    Answer send(String method, String path, String... headers) {
        return send(method, path, BodyPublishers.noBody(), headers);
    }

    Answer send(String method, String path, byte[] body, String... headers) {
        return send(method, path, BodyPublishers.ofByteArray(body), headers);
    }

    Answer get(String path, String... headers) {
        return send("GET", path, headers);
    }

    /** Pushes a blob in one request. */
    Descriptor pushBlob(String repository, String mediaType, byte[] bytes) {
        Descriptor blob = Descriptor.of(mediaType, bytes);
        send("POST", "/v2/" + repository + "/blobs/uploads/?digest=" + blob.digest(), bytes).expect(201);
        return blob;
    }

    Answer pushManifest(String repository, String reference, RawManifest manifest) {
        return send("PUT", "/v2/" + repository + "/manifests/" + reference, manifest.bytes(), "Content-Type",
                manifest.mediaType());
    }

    /** Pushes config, one layer and manifest of an image whose content depends on {@code seed}. */
    RawManifest pushImage(String repository, String tag, String seed) {
        RawManifest manifest = RawManifest.of(image(repository, seed));
        pushManifest(repository, tag, manifest).expect(201);
        return manifest;
    }

    /** Pushes config and layer only. */
    Manifest image(String repository, String seed) {
        Descriptor config = pushBlob(repository, MediaTypes.OCI_CONFIG, ("{\"seed\":\"" + seed + "\"}").getBytes(
                StandardCharsets.UTF_8));
        Descriptor layer = pushBlob(repository, MediaTypes.OCI_LAYER, ("layer " + seed).getBytes(
                StandardCharsets.UTF_8));
        return Manifest.of(config, List.of(layer));
    }

    /** An artifact attached to {@code subject}. */
    RawManifest attached(String repository, Descriptor subject, String artifactType, String note) {
        Descriptor empty = pushBlob(repository, MediaTypes.OCI_EMPTY, "{}".getBytes(StandardCharsets.UTF_8));
        return RawManifest.of(new Manifest(MediaTypes.OCI_MANIFEST, empty, List.of(), Map.of("note", note),
                Optional.of(artifactType), Optional.of(subject)));
    }

    /** The path of a new upload. */
    String beginUpload(String repository) {
        return send("POST", "/v2/" + repository + "/blobs/uploads/").expect(202).header("Location");
    }

    /** A connection to write what no client would. */
    Socket raw(String text) throws IOException {
        Socket socket = new Socket("127.0.0.1", port());
        socket.setSoTimeout(20_000);
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        return socket;
    }

    /** The status of a request whose path is sent as it is. */
    int rawStatus(String method, String path) throws IOException {
        try (Socket socket = raw(method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")) {
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            return Integer.parseInt(answer.substring(9, 12));
        }
    }

    int port() {
        return server.actualPort();
    }

    Router router() {
        return router;
    }

    Instant now() {
        return now;
    }

    void advance(Duration time) {
        now = now.plus(time);
    }

    static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    static byte[] part(byte[] whole, int from, int to) {
        return Arrays.copyOfRange(whole, from, to);
    }

    static String blob(String repository, Digest digest) {
        return "/v2/" + repository + "/blobs/" + digest;
    }

    @Override
    public void close() throws IOException {
        try {
            vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
            threads.shutdownNow();
            assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("the registry did not stop", e);
        }
        client.close();
        sessions.close();
        tags.close();
        content.close();
    }
}
