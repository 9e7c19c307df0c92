package dev.kiln.layercache.registry;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import dev.kiln.layercache.content.BlobIngester;
import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.content.BlobWriter;
import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.RawManifest;
import dev.kiln.layercache.registry.RegistryException.Code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class RegistryClientTest {
    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);
    private final TestRegistry registry = new TestRegistry();
    private final List<Duration> pauses = new ArrayList<>();
    private final Map<Digest, byte[]> local = new HashMap<>();
    private RegistryClient client = client(Keychain.anonymous());

    private RegistryClient client(Keychain keychain) {
        RetryPolicy retries = new RetryPolicy(3, Duration.ofSeconds(1), Duration.ofSeconds(60), new Random(1),
                pauses::add);
        return new RegistryClient(new RegistrySettings(registry.address(), Set.of()), keychain, retries,
                InstantSource.fixed(Instant.EPOCH));
    }

    @AfterEach
    void close() {
        client.close();
        registry.close();
    }

    private Repository app() {
        return client.repository(ImageReference.parse(registry.host() + "/team/app"));
    }

    private final BlobReader reader = new BlobReader() {
        @Override
        public OptionalLong size(Digest digest) {
            return local.containsKey(digest) ? OptionalLong.of(local.get(digest).length) : OptionalLong.empty();
        }

        @Override
        public InputStream open(Digest digest, long offset) {
            return new ByteArrayInputStream(local.get(digest), (int) offset, local.get(digest).length);
        }
    };

    private final BlobIngester ingester = new BlobIngester() {
        @Override
        public BlobWriter newBlob() {
            throw new AssertionError("not asked for");
        }

        @Override
        public void ingest(Digest expected, long size, InputStream in) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            in.transferTo(bytes);
            if (bytes.size() != size) {
                throw new ContentException(ContentException.Code.SIZE_MISMATCH, "size");
            }
            local.put(expected, bytes.toByteArray());
        }

        @Override
        public Digest ingest(byte[] bytes) {
            throw new AssertionError("not asked for");
        }
    };

    @Test
    void push_newBlob_isThereAfterwards() throws Exception {
        local.put(Digest.sha256(HELLO), HELLO);
        Descriptor blob = Descriptor.of("x", HELLO);
        assertThat(app().push(blob, reader)).isTrue();
        assertThat(registry.blob(blob.digest())).contains(HELLO);
        assertThat(app().push(blob, reader)).isFalse();
    }

    @Test
    void pull_blob_arrives() throws Exception {
        Digest digest = registry.putBlob(HELLO);
        app().pull(Descriptor.of("x", digest, HELLO.length), ingester);
        assertThat(local.get(digest)).isEqualTo(HELLO);
        assertThat(app().open(digest, 3).readAllBytes()).isEqualTo("lo".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void pull_otherBytes_isRefusedAfterRetries() {
        Digest wanted = Digest.sha256(HELLO);
        registry.add(exchange -> {
            exchange.sendResponseHeaders(200, 5);
            exchange.getResponseBody().write("jello".getBytes(StandardCharsets.UTF_8));
            return true;
        });
        assertThatExceptionOfType(ContentException.class)
            .isThrownBy(() -> app().pull(Descriptor.of("x", wanted, 5), ingester))
            .withMessageContaining(wanted.toString());
        assertThat(local).isEmpty();
        assertThat(pauses).hasSize(2);
    }

    @Test
    void manifest_putAndFetched_isTheSame() throws Exception {
        RawManifest manifest = RawManifest.of(Manifest.of(Descriptor.of("c", HELLO), List.of()));
        app().putManifest("1", manifest);
        assertThat(app().manifest("1")).isEqualTo(manifest);
        assertThat(app().manifest(manifest.digest().toString())).isEqualTo(manifest);
        assertThat(app().head("1")).contains(manifest.descriptor());
        assertThat(app().head("2")).isEmpty();
    }

    @Test
    void manifest_unknown_saysWhoWasAskedAndWhatItSaid() {
        assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> app().manifest("9"))
            .withMessage("pulling the manifest 9 of " + registry.host() + "/team/app: the registry "
                    + registry.host() + " answered 404 MANIFEST_UNKNOWN: no such manifest")
            .matches(e -> e.code() == Code.NOT_FOUND && !e.retryable());
        assertThat(pauses).isEmpty();
    }

    @Test
    void manifest_largerThanAllowed_isRefused() {
        registry.add(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] much = new byte[1 << 20];
            for (int i = 0; i < 6; i++) {
                exchange.getResponseBody().write(much);
            }
            return true;
        });
        assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> app().manifest("1"))
            .matches(e -> e.code() == Code.PROTOCOL);
    }

    @Test
    void retry_troubleThatPasses_isHidden() throws Exception {
        Digest digest = registry.putBlob(HELLO);
        registry.fail(2, "GET", "/blobs/", 503, Map.of());
        app().pull(Descriptor.of("x", digest, HELLO.length), ingester);
        assertThat(pauses).hasSize(2);
        assertThat(pauses.get(0)).isBetween(Duration.ofMillis(500), Duration.ofSeconds(1));
        assertThat(pauses.get(1)).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(2));
    }

    @Test
    void retry_registryThatAsksForTime_getsIt() throws Exception {
        Digest digest = registry.putBlob(HELLO);
        registry.fail(1, "GET", "/blobs/", 429, Map.of("Retry-After", "7"));
        app().pull(Descriptor.of("x", digest, HELLO.length), ingester);
        assertThat(pauses).containsExactly(Duration.ofSeconds(7));
    }

    @Test
    void retry_registryThatAsksForTooMuchTime_fails() {
        registry.fail(1, "GET", "/blobs/", 429, Map.of("Retry-After", "3600"));
        assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> app().open(Digest.sha256(HELLO), 0))
            .matches(e -> e.code() == Code.RATE_LIMITED && e.retryable());
        assertThat(pauses).isEmpty();
    }

    @Test
    void send_nobodyListens_saysWhoWasAsked() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        Repository gone = client.repository(ImageReference.parse("127.0.0.1:" + port + "/x"));
        assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> gone.manifest("1"))
            .withMessageContaining("no answer from the registry 127.0.0.1:" + port)
            .matches(e -> e.code() == Code.UNAVAILABLE);
        assertThat(pauses).hasSize(2);
    }

    @Test
    void send_redirectToAnotherHost_leavesCredentialsBehind() throws Exception {
        List<Optional<String>> seen = new ArrayList<>();
        try (TestRegistry other = new TestRegistry()) {
            Digest digest = other.putBlob(HELLO);
            other.add(exchange -> {
                seen.add(Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")));
                return false;
            });
            String basic = "Basic " + Base64.getEncoder().encodeToString("me:pw".getBytes(StandardCharsets.UTF_8));
            registry.add(exchange -> {
                boolean known = basic.equals(exchange.getRequestHeaders().getFirst("Authorization"));
                exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"r\"");
                exchange.getResponseHeaders().set("Location", other.address() + "/v2/x/blobs/" + digest);
                exchange.sendResponseHeaders(known ? 307 : 401, -1);
                return true;
            });
            client.close();
            client = client(host -> Optional.of(new Credentials("me", "pw")));
            assertThat(app().open(digest, 0).readAllBytes()).isEqualTo(HELLO);
        }
        assertThat(seen).containsExactly(Optional.empty());
    }

    @Test
    void send_redirectsWithoutEnd_areRefused() {
        registry.add(exchange -> {
            exchange.getResponseHeaders().set("Location", exchange.getRequestURI().toString());
            exchange.sendResponseHeaders(302, -1);
            return true;
        });
        assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> app().manifest("1"))
            .withMessageContaining("more than 5 redirects");
    }

    @Test
    void send_bearerChallenge_isAnsweredOnceForManyRequests() throws Exception {
        Digest digest = registry.putBlob(HELLO);
        List<String> tokens = new ArrayList<>();
        registry.add(exchange -> {
            if (exchange.getRequestURI().getPath().equals("/token")) {
                tokens.add(exchange.getRequestURI().getQuery());
                byte[] body = "{\"token\":\"t0k\",\"expires_in\":300}".getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
                return true;
            }
            if ("Bearer t0k".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                return false;
            }
            exchange.getResponseHeaders()
                .set("WWW-Authenticate",
                        "Bearer realm=\"" + registry.address() + "/token\",service=\"reg\",scope=\"ignored\"");
            exchange.sendResponseHeaders(401, -1);
            return true;
        });
        for (int i = 0; i < 3; i++) {
            assertThat(app().open(digest, 0).readAllBytes()).isEqualTo(HELLO);
        }
        assertThat(tokens).containsExactly("scope=repository:team/app:pull&service=reg");
    }

    @Test
    void send_wrongCredentials_areNotInTheMessage() {
        registry.add(exchange -> {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"r\"");
            exchange.sendResponseHeaders(401, -1);
            return true;
        });
        client.close();
        client = client(host -> Optional.of(new Credentials("me", "s3cr3t")));
        assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> app().manifest("1"))
            .matches(e -> e.code() == Code.UNAUTHORIZED)
            .satisfies(e -> assertThat(String.valueOf(e)).doesNotContain("s3cr3t"));
    }

    @Test
    void mount_blobOfAnotherRepository_needsNoBytes() throws Exception {
        Digest digest = registry.putBlob(HELLO);
        assertThat(app().mount(digest, "base")).isTrue();
        assertThat(app().mount(Digest.sha256(new byte[9]), "base")).isFalse();
        assertThat(registry.requests()).anyMatch(r -> r.startsWith("DELETE "));
    }

    @Test
    void repository_withoutHost_isInTheFarm() {
        Repository farm = client.repository(ImageReference.parse("debian:bookworm"));
        assertThat(farm.registry()).isEqualTo(registry.host());
        assertThat(farm.name()).isEqualTo("debian");
    }
}
