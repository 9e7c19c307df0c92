package dev.kiln.layercache.registry;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.content.InMemoryContentStore;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.RawManifest;
import dev.kiln.layercache.registry.RegistryException.Code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** What registries do wrong, one by one: how each ends, how often it is asked, how much of it is read. */
@Timeout(30)
class RegistryFaultTest {
    private static final byte[] BLOB = RegistryFixture.random(300_000);
    private static final Descriptor DESCRIPTOR = Descriptor.of("x", BLOB);
    private static final String MANIFEST = "Content-Type: " + MediaTypes.OCI_MANIFEST + "\r\n";
    private static final Duration SHORT = Duration.ofMillis(150);
    private final InMemoryContentStore local = new InMemoryContentStore();
    private FaultyRegistry registry = new FaultyRegistry(FaultyRegistry.answer(404, "", new byte[0]));
    private RegistryFixture fixture = new RegistryFixture(registry.address());

    private Repository script(Duration patience, FaultyRegistry.Fault... faults) {
        close();
        registry = new FaultyRegistry(faults);
        fixture = new RegistryFixture(new RegistrySettings(registry.address(), Set.of()), Keychain.anonymous(),
                patience);
        return fixture.repository("app");
    }

    private Repository script(FaultyRegistry.Fault... faults) {
        return script(Duration.ofSeconds(20), faults);
    }

    @AfterEach
    void close() {
        fixture.close();
        registry.close();
    }

    private static FaultyRegistry.Fault status(int status, String headers) {
        return FaultyRegistry.answer(status, headers, new byte[0]);
    }

    private static FaultyRegistry.Fault whole() {
        return FaultyRegistry.answer(200, "", BLOB);
    }

    @Test
    void tooManyRequests_withATime_waitsThatLong() throws Exception {
        script(status(429, "Retry-After: 9\r\n"), whole()).pull(DESCRIPTOR, local);
        assertThat(fixture.pauses).containsExactly(Duration.ofSeconds(9));
    }

    @Test
    void tooManyRequests_withoutATime_waitsByItself() throws Exception {
        script(status(429, ""), status(429, ""), whole()).pull(DESCRIPTOR, local);
        assertThat(fixture.pauses).hasSize(2).allMatch(p -> p.compareTo(Duration.ofSeconds(2)) <= 0);
    }

    @Test
    void serverErrors_ofAllKinds_areTriedAgain() throws Exception {
        for (int status : new int[]{500, 502, 503, 504}) {
            script(status(status, ""), status(status, "Retry-After: nonsense\r\n"), whole()).pull(DESCRIPTOR, local);
            assertThat(fixture.pauses).hasSize(2);
        }
    }

    @Test
    void reset_inTheMiddle_goesOnWithTheRest() throws Exception {
        Repository app = script(FaultyRegistry.reset(BLOB.length, Arrays.copyOf(BLOB, 100_000)),
                FaultyRegistry.rest(BLOB));
        app.pull(DESCRIPTOR, local);
        assertThat(local.open(DESCRIPTOR.digest()).readAllBytes()).isEqualTo(BLOB);
        assertThat(registry.requests()).hasSize(2);
    }

    @Test
    void reset_always_endsAfterTheTries() {
        Repository app = script(FaultyRegistry.reset(BLOB.length, Arrays.copyOf(BLOB, 1000)));
        assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> app.pull(DESCRIPTOR, local))
            .matches(e -> e.code() == Code.UNAVAILABLE);
        assertThat(registry.requests()).hasSizeLessThanOrEqualTo(4);
    }

    @Test
    void wrongDigest_isRefusedAndKeptOut() {
        byte[] other = BLOB.clone();
        other[7]++;
        Repository app = script(FaultyRegistry.answer(200, "", other));
        assertThatExceptionOfType(ContentException.class).isThrownBy(() -> app.pull(DESCRIPTOR, local))
            .matches(e -> e.code() == ContentException.Code.DIGEST_MISMATCH);
        assertThat(local.size(DESCRIPTOR.digest())).isEmpty();
        assertThat(registry.requests()).hasSize(3);
    }

    @Test
    void wrongLength_isNotRead() {
        Repository app = script(FaultyRegistry.partly(200, "", 1L << 40, new byte[1000]));
        assertThatExceptionOfType(ContentException.class).isThrownBy(() -> app.pull(DESCRIPTOR, local))
            .withMessageContaining("announced 1099511627776 bytes, not 300000")
            .matches(e -> e.code() == ContentException.Code.SIZE_MISMATCH);
    }

    @Test
    void endlessBody_isReadUpToTheSizeOnly() {
        Repository app = script(FaultyRegistry.endless());
        assertThatExceptionOfType(ContentException.class).isThrownBy(() -> app.pull(DESCRIPTOR, local));
        assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> app.manifest("1"))
            .withMessageContaining("larger than");
        // Four bodies, each with what lies in buffers of sockets and of the client.
        assertThat(registry.sent()).isLessThan(100 << 20);
    }

    @Test
    void manifestAnnouncedAsFourGigabytes_isNotRead() {
        Repository app = script(FaultyRegistry.partly(200, MANIFEST, 4L << 30, new byte[10]));
        assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> app.manifest("1"))
            .withMessageContaining("larger than " + RawManifest.MAX_BYTES)
            .matches(e -> e.code() == Code.PROTOCOL);
        assertThat(registry.requests()).hasSize(1);
    }

    @Test
    void manifestThatEndsInTheMiddle_isRefused() {
        byte[] truncated = "{\"schemaVersion\":2,\"mediaType\":\"".getBytes(StandardCharsets.UTF_8);
        RegistryException failure = catchThrowableOfType(RegistryException.class,
                () -> script(FaultyRegistry.answer(200, "", truncated)).manifest("1"));
        assertThat(failure.code()).isEqualTo(Code.PROTOCOL);
        assertThat(failure).hasMessageContaining("pulling the manifest 1 of " + registry.host() + "/app");
    }

    @Test
    void errorThatIsNoJson_orIsEndless_isAnErrorAllTheSame() {
        Repository html = script(FaultyRegistry.answer(418, "", "<html>{".getBytes(StandardCharsets.UTF_8)));
        assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> html.manifest("1"))
            .matches(e -> e.code() == Code.REFUSED && e.status().orElse(0) == 418);
    }

    @Test
    void redirectLoop_ends() {
        Repository app = script(status(307, "Location: /v2/app/manifests/1\r\n"));
        assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> app.manifest("1"))
            .withMessageContaining("more than 5 redirects");
        assertThat(registry.requests()).hasSize(6);
    }

    @Test
    void redirectToNoWeb_isRefused() {
        for (String target : new String[]{"file:///etc/passwd", "http:///x", "gopher://x/"}) {
            Repository app = script(status(302, "Location: " + target + "\r\n"));
            assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> app.manifest("1"))
                .withMessageContaining("redirects to where it may not");
        }
    }

    @Test
    void bodyThatDrips_isGivenUp() {
        Repository app = script(Duration.ofMillis(500), FaultyRegistry.dripping(Duration.ofMillis(10)));
        assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> app.manifest("1"))
            .matches(e -> e.code() == Code.UNAVAILABLE)
            .withMessageContaining(" bytes in ");
        assertThat(registry.requests()).hasSize(3);
    }

    @Test
    void headThatDrips_isGivenUp() {
        Repository app = script(SHORT, FaultyRegistry.drippingHead(Duration.ofMillis(10)));
        assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> app.manifest("1"))
            .matches(e -> e.code() == Code.UNAVAILABLE);
    }

    @Test
    void partWithoutAWordOnWhere_isRefused() throws IOException {
        Repository app = script(FaultyRegistry.answer(206, "", BLOB));
        assertThatExceptionOfType(RegistryException.class)
            .isThrownBy(() -> app.open(Digest.sha256(BLOB), 5))
            .matches(e -> e.code() == Code.PROTOCOL);
    }
}
