package dev.kiln.layercache.registry;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.RawManifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Manifests as registries really send them, and what is asked for along the way. */
class RegistryManifestTest {
    private static final byte[] DOCKER = ("{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.DOCKER_MANIFEST
            + "\",\"config\":{\"mediaType\":\"c\",\"digest\":\"" + Digest.sha256(new byte[1])
            + "\",\"size\":1},\"layers\":[]}")
        .getBytes(StandardCharsets.UTF_8);
    private final TestRegistry registry = new TestRegistry();
    private final RegistryClient client = new RegistryClient(
            new RegistrySettings(registry.address(), Set.of()), Keychain.anonymous(),
            new RetryPolicy(1, Duration.ZERO, Duration.ZERO, new Random(1), pause -> {}),
            InstantSource.fixed(Instant.EPOCH));
    private final Repository app = client.repository(ImageReference.parse("team/app"));

    @AfterEach
    void close() {
        client.close();
        registry.close();
    }

    @Test
    void manifest_typeWithParameters_isThatType() throws Exception {
        answer(DOCKER, Map.of("Content-Type", "Application/vnd.docker.distribution.manifest.v2+json; charset=utf-8"));
        assertThat(app.manifest("1")).isEqualTo(RawManifest.of(MediaTypes.DOCKER_MANIFEST, DOCKER));
    }

    @Test
    void manifest_withoutType_isWhatItCallsItself() throws Exception {
        answer(DOCKER, Map.of());
        assertThat(app.manifest("1").mediaType()).isEqualTo(MediaTypes.DOCKER_MANIFEST);
        assertThat(app.head("1")).contains(Descriptor.of(MediaTypes.DOCKER_MANIFEST, DOCKER));
    }

    @Test
    void manifest_bySha512_isChecked() throws Exception {
        answer(DOCKER, Map.of());
        Digest right = Digest.parse("sha512:" + "0".repeat(128)).ofSame(DOCKER);
        assertThat(app.manifest(right.toString()).digest()).isEqualTo(right);
        assertThatExceptionOfType(ContentException.class)
            .isThrownBy(() -> app.manifest("sha512:" + "0".repeat(128)))
            .matches(e -> e.code() == ContentException.Code.DIGEST_MISMATCH);
    }

    @Test
    void manifest_otherThanItsHeaderSays_isRefused() {
        answer(DOCKER, Map.of("Docker-Content-Digest", Digest.sha256(new byte[3]).toString()));
        assertThatExceptionOfType(ContentException.class).isThrownBy(() -> app.manifest("1"))
            .matches(e -> e.code() == ContentException.Code.DIGEST_MISMATCH);
    }

    @Test
    void manifest_schema1_isRefusedClearly() {
        answer("{\"schemaVersion\":1,\"fsLayers\":[]}".getBytes(StandardCharsets.UTF_8),
                Map.of("Content-Type", "application/vnd.docker.distribution.manifest.v1+prettyjws"));
        assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> app.manifest("1"))
            .withMessageContaining("pulling the manifest 1 of " + registry.host() + "/team/app")
            .withMessageContaining("schema 1");
    }

    @Test
    void manifest_invalidDigestHeader_isRefused() {
        answer(DOCKER, Map.of("Docker-Content-Digest", "nonsense"));
        assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> app.manifest("1"))
            .matches(e -> e.code() == RegistryException.Code.PROTOCOL);
    }

    @Test
    void mount_tokenChallenge_asksForBothRepositories() throws Exception {
        List<String> tokens = new ArrayList<>();
        registry.add(exchange -> {
            if (exchange.getRequestURI().getPath().equals("/token")) {
                tokens.add(exchange.getRequestURI().getQuery());
                byte[] body = "{\"access_token\":\"t\"}".getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
                return true;
            }
            if (exchange.getRequestHeaders().containsKey("Authorization")) {
                return false;
            }
            exchange.getResponseHeaders()
                .set("WWW-Authenticate", "Bearer realm=\"" + registry.address() + "/token\",service=\"s\"");
            exchange.sendResponseHeaders(401, -1);
            return true;
        });
        assertThat(app.mount(registry.putBlob(new byte[3]), "base/image")).isTrue();
        assertThat(tokens)
            .containsExactly("scope=repository:team/app:pull,push&scope=repository:base/image:pull&service=s");
    }

    private void answer(byte[] body, Map<String, String> headers) {
        registry.add(exchange -> {
            headers.forEach(exchange.getResponseHeaders()::set);
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(200, head ? -1 : body.length);
            if (!head) {
                exchange.getResponseBody().write(body);
            }
            return true;
        });
    }
}
