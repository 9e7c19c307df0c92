package dev.kiln.executor.source;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import dev.kiln.executor.op.LayerGone;
import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.content.InMemoryContentStore;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.registry.Credentials;
import dev.kiln.layercache.registry.RegistryClient;

import static dev.kiln.executor.source.RegistryFixture.AMD64;
import static dev.kiln.executor.source.RegistryFixture.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RegistryBaseLayersTest {
    private static final Executor THREAD_EACH = work -> Thread.ofVirtual().start(work);
    private final RegistryFixture fixture = new RegistryFixture();
    private final InMemoryContentStore content = new InMemoryContentStore();
    private final RegistryBaseLayers layers = new RegistryBaseLayers(fixture.client, content);

    @AfterEach
    void close() {
        fixture.close();
    }

    private List<CachedLayer> app() throws Exception {
        ImageReference pinned = fixture.reference("app").withDigest(fixture.image("app", AMD64, "one", "two").digest());
        return layers.layersOf(pinned);
    }

    @Test
    void layersOf_fetchesNone() throws Exception {
        List<CachedLayer> found = app();

        assertThat(found).extracting(CachedLayer::blob)
            .extracting(Descriptor::digest)
            .containsExactly(Digest.sha256(bytes("one")), Digest.sha256(bytes("two")));
        assertThat(found).allMatch(layer -> layer.created().isEmpty() && layer.snapshot().isEmpty());
        assertThat(fixture.requests("/blobs/" + found.getFirst().blob().digest())).isZero();
    }

    @Test
    void pull_manyAtOnce_fetchesOnce() throws Exception {
        Descriptor blob = app().getFirst().blob();
        List<CompletableFuture<Void>> pulls = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            pulls.add(CompletableFuture.runAsync(() -> pull(blob), THREAD_EACH));
        }
        pulls.forEach(CompletableFuture::join);

        assertThat(content.open(blob.digest()).readAllBytes()).isEqualTo(bytes("one"));
        assertThat(fixture.requests("GET /v2/app/blobs/" + blob.digest())).isEqualTo(1);
    }

    @Test
    void pull_whoFetchesIsCancelled_anotherTakesOver() throws Exception {
        Descriptor blob = app().getFirst().blob();
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        boolean[] first = {true};
        fixture.registry.add(exchange -> {
            if (first[0] && exchange.getRequestURI().getPath().endsWith(blob.digest().toString())) {
                first[0] = false;
                arrived.countDown();
                await(never);
            }
            return false;
        });
        Thread leader = Thread.ofVirtual().uncaughtExceptionHandler((thread, e) -> {}).start(() -> pull(blob));
        arrived.await();
        CompletableFuture<Void> follower = CompletableFuture.runAsync(() -> pull(blob), THREAD_EACH);
        leader.interrupt();
        leader.join();

        follower.join();
        assertThat(content.size(blob.digest())).hasValue(3);
        never.countDown();
    }

    @Test
    void open_baseLayer_bringsItIn() throws Exception {
        Digest digest = app().getLast().blob().digest();
        assertThat(layers.size(digest)).hasValue(3);

        try (InputStream in = layers.open(digest, 1)) {
            assertThat(in.readAllBytes()).isEqualTo(bytes("wo"));
        }
        assertThat(content.size(digest)).hasValue(3);
    }

    @Test
    void open_nobodyKnowsIt_isNotFound() throws Exception {
        Digest unknown = Digest.sha256(bytes("unknown"));

        assertThat(layers.size(unknown)).isEmpty();
        assertThat(layers.canPull(Descriptor.of(MediaTypes.OCI_LAYER_GZIP, unknown, 1))).isFalse();
        assertThatThrownBy(() -> layers.open(unknown)).isInstanceOfSatisfying(ContentException.class,
                e -> assertThat(e.code()).isEqualTo(ContentException.Code.NOT_FOUND));
    }

    @Test
    void pull_firstOriginLostIt_asksTheNext() throws Exception {
        Descriptor blob = app().getFirst().blob();
        fixture.image("other", AMD64, "one");
        layers.learn(fixture.reference("other"), List.of(blob));
        assertThat(layers.origins(blob.digest())).containsExactly(fixture.reference("other"),
                fixture.reference("app"));
        fixture.registry.fail(1, "GET", "/v2/other/blobs/", 404, Map.of());

        layers.pull(blob);

        assertThat(content.size(blob.digest())).hasValue(3);
    }

    @Test
    void pull_promiseOfTheFarmIsBroken_countsNoMoreForAWhile() throws Exception {
        Descriptor blob = Descriptor.of(MediaTypes.OCI_LAYER_GZIP, bytes("of a step"));
        layers.learnPromised(List.of(blob));
        assertThat(layers.canPull(blob)).isTrue();

        assertThatThrownBy(() -> layers.open(blob.digest())).isInstanceOf(LayerGone.class)
            .hasMessageContaining(blob.digest().toString());

        layers.learnPromised(List.of(blob));
        assertThat(layers.canPull(blob)).isFalse();
        assertThatThrownBy(() -> layers.pull(blob)).isInstanceOf(LayerGone.class);
        Descriptor other = Descriptor.of(MediaTypes.OCI_LAYER_GZIP, bytes("of another step"));
        layers.learnPromised(List.of(other));
        assertThat(layers.canPull(other)).as("one loss is not all").isTrue();
    }

    @Test
    void pull_farmIsInTrouble_noPromiseCounts() throws Exception {
        fixture.registry.fail(100, "GET", "/v2/steps/blobs/", 503, Map.of());
        Descriptor blob = Descriptor.of(MediaTypes.OCI_LAYER_GZIP, fixture.registry.putBlob(bytes("a")), 1);
        Descriptor other = Descriptor.of(MediaTypes.OCI_LAYER_GZIP, fixture.registry.putBlob(bytes("b")), 1);
        layers.learnPromised(List.of(blob, other));

        assertThatThrownBy(() -> layers.pull(blob)).isInstanceOf(LayerGone.class);

        assertThat(layers.canPull(other)).isFalse();
    }

    @Test
    void pull_promised_needsNoLoginOfTheBuild() throws Exception {
        Descriptor blob = Descriptor.of(MediaTypes.OCI_LAYER_GZIP, fixture.registry.putBlob(bytes("made")), 4);
        layers.learnPromised(List.of(blob));
        try (RegistryFixture others = new RegistryFixture()) {
            layers.with(others.client).pull(blob);
        }
        assertThat(content.size(blob.digest())).hasValue(4);
    }

    @Test
    void pull_otherBytesCome_keepsNothing() throws Exception {
        Descriptor blob = app().getFirst().blob();
        Descriptor wrong = Descriptor.of(blob.mediaType(), blob.digest(), 99);

        assertThatThrownBy(() -> layers.pull(wrong)).isInstanceOf(IOException.class);
        assertThat(content.size(blob.digest())).isEmpty();
    }

    @Test
    void with_loginsOfOneBuild_serveThatBuildAlone() throws Exception {
        Descriptor blob = app().getFirst().blob();
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch refuse = new CountDownLatch(1);
        fixture.registry.add(exchange -> {
            if ("Basic YTpwdw==".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                return false;
            }
            asked.countDown();
            await(refuse);
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"r\"");
            exchange.sendResponseHeaders(401, -1);
            return true;
        });
        CompletableFuture<Void> other = CompletableFuture.runAsync(() -> pull(blob), THREAD_EACH);
        asked.await();
        RegistryClient loggedIn = fixture.client.with(host -> Optional.of(new Credentials("a", "pw")));
        CompletableFuture<Void> build = CompletableFuture.runAsync(() -> pull(layers.with(loggedIn), blob),
                THREAD_EACH);
        refuse.countDown();

        assertThatThrownBy(other::join).hasMessageContaining("answered 401");
        build.join();
        assertThat(content.size(blob.digest())).hasValue(3);
        assertThatThrownBy(() -> layers.pull(layers.layersOf(fixture.reference("app")
            .withDigest(fixture.image("app", AMD64, "one", "two").digest())).getLast().blob()))
            .hasMessageContaining("answered 401");
    }

    @Test
    void pull_throughTheFarm_asksTheRegistryOncePerFarm() throws Exception {
        InMemoryContentStore other = new InMemoryContentStore();
        Descriptor blob = app().getFirst().blob();
        // The farm's registry is the same server: what matters is the name that is asked for.
        fixture.registry.fail(2, "HEAD", "/v2/mirror/blobs/", 404, Map.of());
        CountDownLatch left = new CountDownLatch(2);
        fixture.registry.add(exchange -> {
            if (exchange.getRequestURI().getPath().startsWith("/v2/mirror/")) {
                left.countDown();
            }
            return false;
        });
        try (FarmBlobs here = new FarmBlobs(fixture.client, content);
                FarmBlobs there = new FarmBlobs(fixture.client, other)) {
            RegistryBaseLayers first = new RegistryBaseLayers(fixture.client, content, Optional.of(here));
            first.learn(fixture.reference("app"), List.of(blob));
            first.pull(blob);
            assertThat(left.await(20, TimeUnit.SECONDS)).isTrue();
            RegistryBaseLayers second = new RegistryBaseLayers(fixture.client, other, Optional.of(there));
            second.learn(fixture.reference("app"), List.of(blob));
            second.pull(blob);
        }
        assertThat(other.open(blob.digest()).readAllBytes()).isEqualTo(bytes("one"));
        assertThat(fixture.requests("GET /v2/app/blobs/" + blob.digest())).isEqualTo(1);
        assertThat(fixture.requests("GET /v2/mirror/blobs/")).isEqualTo(1);
    }

    @Test
    void pull_farmInTrouble_comesFromTheRegistry() throws Exception {
        Descriptor blob = app().getFirst().blob();
        fixture.registry.fail(99, "HEAD", "/v2/mirror/blobs/", 500, Map.of());
        try (FarmBlobs farm = new FarmBlobs(fixture.client, content)) {
            RegistryBaseLayers shared = new RegistryBaseLayers(fixture.client, content, Optional.of(farm));
            shared.learn(fixture.reference("app"), List.of(blob));
            shared.pull(blob);
        }
        assertThat(content.size(blob.digest())).hasValue(3);
    }

    private void pull(Descriptor blob) {
        pull(layers, blob);
    }

    private static void pull(RegistryBaseLayers layers, Descriptor blob) {
        try {
            layers.pull(blob);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
