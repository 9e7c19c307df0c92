package dev.kiln.executor.farmcache;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.kiln.layercache.content.InMemoryContentStore;
import dev.kiln.layercache.index.CacheEntry;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.index.CacheKey;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.RawManifest;
import dev.kiln.layercache.registry.Keychain;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.layercache.registry.RegistrySettings;
import dev.kiln.layercache.registry.RetryPolicy;
import dev.kiln.layercache.registry.TestRegistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Two executors and a registry. */
@Timeout(60)
class FarmCacheTest {
    private static final Instant MADE = Instant.parse("2026-01-02T03:04:05.678Z");
    private static final FarmQuestions.Pace PACE = new FarmQuestions.Pace(Duration.ofMillis(300),
            Duration.ofSeconds(15), Duration.ofSeconds(5));

    private final TestRegistry registry = new TestRegistry();
    private volatile Instant now = Instant.parse("2026-01-02T04:00:00Z");
    private final Executor one = new Executor(Duration.ofSeconds(10));
    private final Executor two = new Executor(Duration.ofSeconds(10));

    private final class Executor implements AutoCloseable {
        final InMemoryContentStore content = new InMemoryContentStore();
        final List<Descriptor> promised = new ArrayList<>();
        final RegistryClient client = new RegistryClient(new RegistrySettings(registry.address(), Set.of()),
                Keychain.anonymous(), new RetryPolicy(2, Duration.ofSeconds(1), Duration.ofSeconds(9), new Random(1),
                        pause -> {}),
                () -> now);
        final FarmCache cache;

        Executor(Duration closePatience) {
            cache = new FarmCache(client, content, blob -> List.of(), promised::addAll, () -> now, PACE,
                    closePatience);
        }

        @Override
        public void close() {
            cache.close();
            client.close();
        }
    }

    @AfterEach
    void close() {
        one.close();
        two.close();
        registry.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static CacheKey key(String text) {
        return new CacheKey(Digest.sha256(bytes(text)));
    }

    private static CachedLayer layer(String text, Optional<Instant> created, Optional<String> snapshot) {
        return new CachedLayer(Digest.sha256(bytes("diff of " + text)), Descriptor.of(MediaTypes.OCI_LAYER_GZIP,
                bytes(text)), 4096, snapshot, created);
    }

    private static CachedLayer made(String text) {
        return layer(text, Optional.of(MADE), Optional.of("snapshot-of-" + text));
    }

    private static CachedLayer base(String text) {
        return layer(text, Optional.empty(), Optional.of("snapshot-of-" + text));
    }

    private static CacheEntry entry(String key, CachedLayer... layers) {
        return new CacheEntry(key(key), List.of(layers), Duration.ofMillis(1234), MADE,
                Map.of("arg.0", "build --with=a-build-argument"));
    }

    private void awaitTag(String key) {
        await().atMost(Duration.ofSeconds(20)).until(() -> tagged(key).isPresent());
    }

    private Optional<RawManifest> tagged(String key) {
        return registry.manifest("steps", key(key).digest().hex());
    }

    private long requests(String part) {
        return registry.requests().stream().filter(request -> request.contains(part)).count();
    }

    @Test
    void made_onOneExecutor_isFoundOnAnotherUnderEachKey() throws Exception {
        one.content.ingest(bytes("first"));
        one.content.ingest(bytes("second"));
        CachedLayer[] layers = {base("base"), made("first"), made("second")};
        one.cache.made(List.of(entry("definition", layers), entry("content", layers)));
        awaitTag("content");

        for (String key : List.of("definition", "content")) {
            CacheEntry found = two.cache.find(key(key)).orElseThrow();
            assertThat(found).isEqualTo(new CacheEntry(key(key), List.of(layer("base", Optional.empty(),
                    Optional.empty()), layer("first", Optional.of(MADE), Optional.empty()),
                    layer("second", Optional.of(MADE), Optional.empty())), Duration.ofMillis(1234), MADE, Map.of()));
        }
        assertThat(requests("GET /v2/steps/blobs/")).as("blobs fetched before somebody needs them").isZero();
        assertThat(two.promised).extracting(Descriptor::digest)
            .contains(Digest.sha256(bytes("first")), Digest.sha256(bytes("second")))
            .doesNotContain(Digest.sha256(bytes("base")));
    }

    @Test
    void made_leavesBlobsFirst_tagsLast_andNothingOfBaseAndArguments() throws Exception {
        one.content.ingest(bytes("first"));
        one.cache.made(List.of(entry("k", base("base"), made("first"))));
        awaitTag("k");

        List<String> requests = registry.requests();
        assertThat(requests.getLast()).isEqualTo("PUT /v2/steps/manifests/" + key("k").digest().hex());
        assertThat(registry.blob(Digest.sha256(bytes("first")))).isPresent();
        assertThat(requests).noneMatch(request -> request.contains(Digest.sha256(bytes("base")).hex()));
        RawManifest manifest = tagged("k").orElseThrow();
        assertThat(new String(manifest.bytes(), StandardCharsets.UTF_8)).doesNotContain("a-build-argument",
                "snapshot-of");
        assertThat(((Manifest) manifest.parse()).artifactType()).contains("application/vnd.kiln.step.v1");
    }

    @Test
    void made_ofManySteps_asksForEachBlobOnce() throws Exception {
        List<CachedLayer> layers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            one.content.ingest(bytes("layer " + i));
            layers.add(made("layer " + i));
            one.cache.made(List.of(entry("step " + i, layers.toArray(CachedLayer[]::new))));
            awaitTag("step " + i);
        }
        assertThat(requests("HEAD /v2/steps/blobs/" + Digest.sha256(bytes("layer 0")))).isLessThanOrEqualTo(2);
        assertThat(two.cache.find(key("step 9")).orElseThrow().layers()).hasSize(10);
    }

    @Test
    void made_withoutLayersOfItsOwn_isSharedToo() throws Exception {
        one.cache.made(List.of(entry("k", base("base"))));
        awaitTag("k");

        assertThat(two.cache.find(key("k")).orElseThrow().layers()).hasSize(1);
    }

    @Test
    void made_blobNotHere_isLeftOut() throws Exception {
        one.cache.made(List.of(entry("gone", made("gone"))));
        one.cache.close();

        assertThat(tagged("gone")).isEmpty();
        assertThat(requests("PUT /v2/steps/manifests")).isZero();
    }

    @Test
    void find_nothing_isOneRequest_andBelievedForAWhile() throws Exception {
        for (int i = 0; i < 5; i++) {
            assertThat(two.cache.find(key("none"))).isEmpty();
        }
        assertThat(registry.requests()).containsExactly("GET /v2/steps/manifests/" + key("none").digest().hex());

        now = now.plus(PACE.absence());
        one.content.ingest(bytes("late"));
        one.cache.made(List.of(entry("none", made("late"))));
        awaitTag("none");
        assertThat(two.cache.find(key("none"))).isPresent();
    }

    @Test
    void find_registryIsSilent_isAMissInTime_andIsNotAskedForAWhile() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        registry.add(exchange -> {
            try {
                return !never.await(30, java.util.concurrent.TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return true;
            }
        });
        long begin = System.nanoTime();
        assertThat(two.cache.find(key("a"))).isEmpty();
        for (int i = 0; i < 100; i++) {
            assertThat(two.cache.find(key("b" + i))).isEmpty();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
        assertThat(registry.requests()).hasSize(1);
        never.countDown();
        now = now.plus(PACE.rest());
        assertThat(two.cache.find(key("c"))).isEmpty();
        assertThat(registry.requests()).hasSize(2);
    }

    @Test
    void find_registryFails_isAMiss() throws Exception {
        registry.fail(100, "GET", "/v2/steps/manifests/", 503, Map.of());
        assertThat(two.cache.find(key("a"))).isEmpty();
    }

    private void put(String key, Manifest manifest) {
        registry.putManifest("steps", key(key).digest().hex(), RawManifest.of(manifest));
    }

    /** What a build or a person could put there by hand. */
    @Test
    void find_whatIsNoResult_isAMiss() throws Exception {
        Descriptor layer = Descriptor.of(MediaTypes.OCI_LAYER_GZIP, bytes("evil"));
        put("image", Manifest.of(Descriptor.of(MediaTypes.OCI_CONFIG, bytes("{}")), List.of(layer)));
        Manifest good = StepArtifact.of(List.of(entry("good", base("base"), made("first")))).toManifest();
        put("other key", good);
        put("no layer", new Manifest(good.mediaType(), good.config(), List.of(layer),
                withKeys(good, "no layer"), good.artifactType(), good.subject()));
        for (String damage : List.of("[", "{}", "[{}]", "[[[[[[1]]]]]]", "[{\"diffId\":\"x\"}]")) {
            Map<String, String> annotations = new java.util.HashMap<>(withKeys(good, "damage" + damage));
            annotations.put("dev.kiln.step.layers", damage);
            put("damage" + damage, new Manifest(good.mediaType(), good.config(), good.layers(), annotations,
                    good.artifactType(), good.subject()));
            assertThat(two.cache.find(key("damage" + damage))).as(damage).isEmpty();
        }
        for (String key : List.of("image", "other key", "no layer")) {
            assertThat(two.cache.find(key(key))).as(key).isEmpty();
        }
        put("good", good);
        assertThat(two.cache.find(key("good"))).isPresent();
    }

    private static Map<String, String> withKeys(Manifest manifest, String key) {
        Map<String, String> annotations = new java.util.HashMap<>(manifest.annotations());
        annotations.put("dev.kiln.step.keys", key(key).digest().hex());
        return annotations;
    }

    @Test
    void used_tellsTheFarmOnceADay_andLeavesWhatItHasNot() throws Exception {
        one.content.ingest(bytes("first"));
        CacheEntry entry = entry("k", base("base"), made("first"));
        for (int i = 0; i < 5; i++) {
            one.cache.used(entry);
        }
        awaitTag("k");
        assertThat(requests("HEAD /v2/steps/manifests/")).isEqualTo(1);

        now = now.plus(Duration.ofHours(25));
        one.cache.used(entry);
        await().atMost(Duration.ofSeconds(20)).until(() -> requests("HEAD /v2/steps/manifests/") == 2);
        one.cache.close();
        assertThat(requests("PUT /v2/steps/manifests/")).isEqualTo(1);
    }

    @Test
    void used_afterMade_asksNothing() throws Exception {
        one.content.ingest(bytes("first"));
        CacheEntry entry = entry("k", made("first"));
        one.cache.made(List.of(entry));
        one.cache.used(entry);
        one.cache.close();
        assertThat(requests("HEAD /v2/steps/manifests/")).isZero();
        assertThat(requests("PUT /v2/steps/manifests/")).isEqualTo(1);
    }

    @Test
    void close_waitsForUploads_butNotLong() throws Exception {
        one.content.ingest(bytes("slow"));
        registry.add(exchange -> {
            if (exchange.getRequestMethod().equals("POST")) {
                sleep(Duration.ofMillis(700));
            }
            return false;
        });
        one.cache.made(List.of(entry("slow", made("slow"))));
        one.cache.close();
        assertThat(tagged("slow")).as("what is under way gets its time").isPresent();

        try (Executor hurried = new Executor(Duration.ofMillis(200))) {
            hurried.content.ingest(bytes("slower"));
            long before = requests("POST");
            hurried.cache.made(List.of(entry("slower", made("slower"))));
            await().atMost(Duration.ofSeconds(20)).until(() -> requests("POST") > before);
            long begin = System.nanoTime();
            hurried.cache.close();
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
            hurried.cache.made(List.of(entry("after", made("slower"))));
        }
        assertThat(tagged("slower")).isEmpty();
        assertThat(tagged("after")).isEmpty();
    }

    private static void sleep(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
