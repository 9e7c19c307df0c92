package dev.kiln.layercache.registry;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.kiln.layercache.content.InMemoryContentStore;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.RawManifest;

import static org.assertj.core.api.Assertions.assertThat;

/** Mirrors, and tags that are not looked up every time. */
@Timeout(60)
class RegistryMirrorTest {
    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);
    private static final Descriptor BLOB = Descriptor.of("x", HELLO);
    private static final RawManifest IMAGE = RawManifest.of(Manifest.of(Descriptor.of("c", HELLO), List.of()));
    private final TestRegistry origin = new TestRegistry();
    private final TestRegistry mirror = new TestRegistry();
    private final InMemoryContentStore local = new InMemoryContentStore();
    private final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();
    private final RegistryFixture fixture = fixture(
            List.of(HostSettings.Mirror.parse(mirror.host() + "/proxy/hub")), Duration.ZERO);
    private final Repository app = fixture.repository(origin.host() + "/team/app");

    private RegistryFixture fixture(List<HostSettings.Mirror> mirrors, Duration ttl) {
        HostSettings settings = new HostSettings(mirrors, Optional.empty(), Optional.empty(), OptionalInt.empty(),
                ttl);
        Keychain keychain = host -> {
            asked.add(host);
            return Optional.of(new Credentials("me", "at-" + host));
        };
        return new RegistryFixture(
                new RegistrySettings(origin.address(), Set.of(), Map.of(origin.host(), settings)), keychain,
                Duration.ofSeconds(30));
    }

    @AfterEach
    void close() {
        fixture.close();
        origin.close();
        mirror.close();
    }

    @Test
    void pull_mirrorHasIt_originIsNotAsked() throws Exception {
        mirror.putBlob(HELLO);
        mirror.putManifest("proxy/hub/team/app", "1", IMAGE);
        assertThat(app.manifest("1")).isEqualTo(IMAGE);
        assertThat(app.head("1")).contains(IMAGE.descriptor());
        app.pull(BLOB, local);
        assertThat(app.open(BLOB.digest()).readAllBytes()).isEqualTo(HELLO);
        assertThat(origin.requests()).isEmpty();
    }

    @Test
    void pull_mirrorHasItNot_originIsAsked() throws Exception {
        origin.putBlob(HELLO);
        origin.putManifest("team/app", "1", IMAGE);
        assertThat(app.manifest("1")).isEqualTo(IMAGE);
        assertThat(app.head("1")).contains(IMAGE.descriptor());
        assertThat(app.head("2")).isEmpty();
        app.pull(BLOB, local);
        assertThat(mirror.requests()).hasSize(4).allMatch(r -> r.contains("/v2/proxy/hub/team/app/"));
    }

    @Test
    void pull_mirrorSendsOtherBytes_originIsAsked() throws Exception {
        mirror.add(exchange -> {
            exchange.sendResponseHeaders(200, 5);
            exchange.getResponseBody().write("jello".getBytes(StandardCharsets.UTF_8));
            return true;
        });
        origin.putBlob(HELLO);
        app.pull(BLOB, local);
        assertThat(local.open(BLOB.digest()).readAllBytes()).isEqualTo(HELLO);
        assertThat(mirror.requests()).hasSize(1);
        assertThat(fixture.pauses).isEmpty();
    }

    @Test
    void pull_mirrorInTrouble_isLeftAloneForAWhile() throws Exception {
        origin.putBlob(HELLO);
        mirror.fail(9, "GET", "/", 503, Map.of());
        for (int i = 0; i < 3; i++) {
            assertThat(app.open(BLOB.digest()).readAllBytes()).isEqualTo(HELLO);
        }
        assertThat(mirror.requests()).hasSize(1);
        fixture.clock.move(Duration.ofSeconds(31));
        assertThat(app.open(BLOB.digest()).readAllBytes()).isEqualTo(HELLO);
        assertThat(mirror.requests()).hasSize(2);
        assertThat(fixture.pauses).isEmpty();
    }

    @Test
    void push_goesToTheOriginOnly() throws Exception {
        Descriptor blob = Descriptor.of("x", local.ingest(HELLO), HELLO.length);
        assertThat(app.push(blob, local)).isTrue();
        app.putManifest("1", IMAGE);
        assertThat(mirror.requests()).isEmpty();
    }

    @Test
    void credentials_areThoseOfWhoIsAsked() throws Exception {
        mirror.add(exchange -> {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"r\"");
            exchange.sendResponseHeaders(401, -1);
            return true;
        });
        origin.putBlob(HELLO);
        app.pull(BLOB, local);
        assertThat(asked).containsExactly(mirror.host());
    }

    @Test
    void resolve_withinItsTimeToLive_asksOnce() throws Exception {
        try (RegistryFixture keeping = fixture(List.of(), Duration.ofSeconds(30))) {
            Repository there = keeping.repository(origin.host() + "/team/app");
            origin.putManifest("team/app", "1", IMAGE);
            for (int i = 0; i < 3; i++) {
                assertThat(there.resolve("1")).contains(IMAGE.descriptor());
            }
            assertThat(origin.requests()).hasSize(1);
            keeping.clock.move(Duration.ofSeconds(30));
            assertThat(there.resolve("1")).contains(IMAGE.descriptor());
            assertThat(origin.requests()).hasSize(2);
            there.putManifest("1", IMAGE);
            assertThat(there.resolve("1")).isPresent();
            assertThat(origin.requests()).hasSize(4);
        }
        assertThat(app.resolve("1")).isEqualTo(app.resolve("1"));
        assertThat(origin.requests()).hasSize(6);
    }

    @Test
    void dockerHub_hasOneHostAndALibrary() {
        for (String name : new String[]{"docker.io/debian", "index.docker.io/debian:12", "docker.io/library/debian"}) {
            Repository hub = fixture.client.repository(ImageReference.parse(name));
            assertThat(hub).hasToString("registry-1.docker.io/library/debian");
        }
        assertThat(fixture.repository("docker.io/grafana/loki")).hasToString("registry-1.docker.io/grafana/loki");
    }
}
