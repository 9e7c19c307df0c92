package dev.kiln.api.distribution;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.index.CacheKey;
import dev.kiln.layercache.lease.Collector;
import dev.kiln.layercache.lease.IndexSweep;
import dev.kiln.layercache.lease.Kind;
import dev.kiln.layercache.lease.Leases;
import dev.kiln.layercache.lease.Policy;
import dev.kiln.layercache.lease.Stocked;
import dev.kiln.layercache.lease.Volume;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.RawManifest;

import static org.assertj.core.api.Assertions.assertThat;

/** Results of steps in the registry, which go by their last use. */
class StepStockTest {
    private static final Duration KEEP = Duration.ofDays(7);

    @TempDir
    Path folder;
    private TestRegistryServer registry;
    private StepStock stock;

    @BeforeEach
    void start() throws Exception {
        registry = new TestRegistryServer(folder);
        stock = new StepStock(registry.tags, registry.registry.manifests());
    }

    @AfterEach
    void stop() throws Exception {
        registry.close();
    }

    private static String tag(String key) {
        return new CacheKey(Digest.sha256(key.getBytes(java.nio.charset.StandardCharsets.UTF_8))).digest().hex();
    }

    /** As an executor leaves it: one manifest under each key. */
    private RawManifest leave(String seed, String... keys) {
        Manifest image = registry.image("steps", seed);
        RawManifest manifest = RawManifest.of(new Manifest(image.mediaType(), image.config(), image.layers(),
                Map.of("dev.kiln.step.keys", String.join(" ", java.util.Arrays.stream(keys)
                    .map(StepStockTest::tag)
                    .toList())),
                Optional.of("application/vnd.kiln.step.v1"), Optional.empty()));
        for (String key : keys) {
            registry.pushManifest("steps", tag(key), manifest).expect(201);
        }
        return manifest;
    }

    private int status(String key) {
        return registry.get("/v2/steps/manifests/" + tag(key)).status();
    }

    private void collect() throws Exception {
        var _ = new Collector(List.of(stock), new Leases(registry::now), Volume.of(folder), IndexSweep.NONE,
                registry::now)
            .collect(List.of(new Policy(Policy.Filter.of(Kind.RESULT), KEEP, Policy.Limits.NONE, true)));
    }

    @Test
    void result_thatIsAskedFor_stays_andAnotherGoesWithItsTags() throws Exception {
        leave("used", "a");
        leave("unused", "b", "c");
        assertThat(stock.list()).hasSize(2).allMatch(one -> one.item().kind() == Kind.RESULT && !one.inUse());
        for (int i = 0; i < 3; i++) {
            registry.advance(KEEP.minusHours(2));
            assertThat(status("a")).isEqualTo(200);
            collect();
        }

        assertThat(status("a")).isEqualTo(200);
        assertThat(status("b")).isEqualTo(404);
        assertThat(status("c")).isEqualTo(404);
        assertThat(registry.tags.tags(new RepositoryName("steps"))).containsExactly(tag("a"));
        assertThat(new RegistryStock(registry.tags, registry.registry.manifests()).held()).hasSize(3);
    }

    @Test
    void head_isAUseToo() throws Exception {
        leave("x", "a");
        registry.advance(KEEP.minusHours(1));
        registry.send("HEAD", "/v2/steps/manifests/" + tag("a")).expect(200);
        registry.advance(Duration.ofHours(2));
        collect();

        assertThat(status("a")).isEqualTo(200);
    }

    @Test
    void key_thatHasANewerResult_staysWhenTheOldOneGoes() throws Exception {
        RawManifest old = leave("old", "a", "b");
        registry.advance(KEEP.minusHours(1));
        leave("new", "a");
        registry.advance(Duration.ofHours(2));
        // Losing a tag was a use.
        registry.advance(KEEP.minusHours(3));
        assertThat(status("a")).isEqualTo(200);
        registry.advance(Duration.ofHours(2));
        collect();

        assertThat(status("a")).isEqualTo(200);
        assertThat(status("b")).isEqualTo(404);
        assertThat(stock.list()).extracting(one -> one.item().id()).doesNotContain("steps@" + old.digest()).hasSize(1);
    }

    @Test
    void manifest_thatSaysNotWhichTagsItHas_losesThemAll() throws Exception {
        RawManifest manifest = registry.pushImage("steps", "1", "x");
        registry.pushManifest("steps", "2", manifest).expect(201);
        registry.advance(KEEP.plusDays(1));
        collect();

        assertThat(registry.tags.tags(new RepositoryName("steps"))).isEmpty();
        assertThat(stock.list()).isEmpty();
    }

    @Test
    void untaggedStock_leavesThemAlone() throws Exception {
        RawManifest manifest = leave("x", "a");
        registry.send("DELETE", "/v2/steps/manifests/" + tag("a")).expect(202);

        assertThat(new UntaggedStock(registry.tags, registry.registry.manifests(), Duration.ZERO).list()).isEmpty();
        assertThat(stock.list()).extracting(one -> one.item().id()).containsExactly("steps@" + manifest.digest());
    }

    @Test
    void olderHalf_isWhatWasUsedLongestAgo() throws Exception {
        RawManifest oldest = leave("1", "a");
        registry.advance(Duration.ofHours(2));
        RawManifest second = leave("2", "b");
        registry.advance(Duration.ofHours(2));
        leave("3", "c");
        assertThat(stock.olderHalf()).isEqualTo(Set.of("steps@" + oldest.digest(), "steps@" + second.digest()));
        registry.advance(Duration.ofHours(2));
        assertThat(status("a")).isEqualTo(200);

        assertThat(stock.olderHalf()).doesNotContain("steps@" + oldest.digest()).hasSize(2);
        for (Stocked one : stock.list()) {
            assertThat(stock.take(one.item().id())).isPresent();
            assertThat(stock.take(one.item().id())).isEmpty();
        }
        assertThat(stock.olderHalf()).isEmpty();
    }
}
