package dev.kiln.api.distribution;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.lease.Collector;
import dev.kiln.layercache.lease.IndexSweep;
import dev.kiln.layercache.lease.Kind;
import dev.kiln.layercache.lease.Leases;
import dev.kiln.layercache.lease.Policy;
import dev.kiln.layercache.lease.Stocked;
import dev.kiln.layercache.lease.Volume;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.ImageIndex;
import dev.kiln.layercache.oci.RawManifest;

import static org.assertj.core.api.Assertions.assertThat;

/** Which manifests of a registry go when nobody names them, and which stay. */
class UntaggedTest {
    private static final Duration KEEP = Duration.ofDays(14);

    @TempDir
    Path folder;
    private TestRegistryServer registry;
    private UntaggedStock stock;

    @BeforeEach
    void start() throws Exception {
        registry = new TestRegistryServer(folder);
        stock = new UntaggedStock(registry.tags, registry.registry.manifests(), Duration.ofHours(1));
    }

    @AfterEach
    void stop() throws Exception {
        registry.close();
    }

    private void collect() throws Exception {
        Leases leases = new Leases(registry::now);
        var _ = new Collector(List.of(stock), leases, Volume.of(folder), IndexSweep.NONE, registry::now)
            .collect(List.of(new Policy(Policy.Filter.of(Kind.MANIFEST), KEEP, Policy.Limits.NONE, true)));
    }

    private void passes(Duration time) throws Exception {
        registry.advance(time);
        collect();
    }

    private RawManifest byDigest(String repository, String seed) {
        RawManifest manifest = RawManifest.of(registry.image(repository, seed));
        registry.pushManifest(repository, manifest.digest().toString(), manifest).expect(201);
        return manifest;
    }

    private RawManifest attach(Descriptor subject, String note) {
        RawManifest manifest = registry.attached("a", subject, "text/plain", note);
        registry.pushManifest("a", manifest.digest().toString(), manifest).expect(201);
        return manifest;
    }

    private boolean isThere(RawManifest manifest) throws Exception {
        return registry.tags.manifests(new RepositoryName("a")).contains(manifest.digest());
    }

    @Test
    void tagged_staysForEver() throws Exception {
        RawManifest manifest = registry.pushImage("a", "1", "x");

        passes(KEEP.multipliedBy(10));

        assertThat(isThere(manifest)).isTrue();
    }

    @Test
    void replaced_staysForAWhileFromThen() throws Exception {
        RawManifest old = registry.pushImage("a", "1", "x");
        passes(KEEP.multipliedBy(2));
        registry.pushImage("a", "1", "y");

        passes(KEEP.minusHours(2));
        assertThat(isThere(old)).isTrue();
        passes(Duration.ofHours(3));
        assertThat(isThere(old)).isFalse();
    }

    @Test
    void untagged_staysForAWhileFromThen() throws Exception {
        RawManifest old = registry.pushImage("a", "1", "x");
        passes(KEEP.multipliedBy(2));
        registry.send("DELETE", "/v2/a/manifests/1").expect(202);

        passes(KEEP.minusHours(2));
        assertThat(isThere(old)).isTrue();
        passes(Duration.ofHours(3));
        assertThat(isThere(old)).isFalse();
    }

    @Test
    void byDigest_staysWhileItIsAskedFor() throws Exception {
        RawManifest manifest = byDigest("a", "x");
        RawManifest other = byDigest("a", "y");
        for (int i = 0; i < 4; i++) {
            passes(KEEP.minusHours(2));
            registry.get("/v2/a/manifests/" + manifest.digest()).expect(200);
        }

        assertThat(isThere(manifest)).isTrue();
        assertThat(isThere(other)).isFalse();
    }

    @Test
    void pushedAgain_isAsNew() throws Exception {
        RawManifest manifest = byDigest("a", "x");
        registry.advance(KEEP.plusDays(1));
        registry.pushManifest("a", manifest.digest().toString(), manifest).expect(201);

        collect();

        assertThat(isThere(manifest)).isTrue();
    }

    @Test
    void index_holdsItsManifests() throws Exception {
        RawManifest child = byDigest("a", "x");
        RawManifest inner = RawManifest.of(ImageIndex.of(List.of(child.descriptor())));
        registry.pushManifest("a", inner.digest().toString(), inner).expect(201);
        RawManifest index = RawManifest.of(ImageIndex.of(List.of(inner.descriptor())));
        registry.pushManifest("a", "all", index).expect(201);

        passes(KEEP.multipliedBy(2));
        assertThat(isThere(child)).isTrue();

        registry.send("DELETE", "/v2/a/manifests/all").expect(202);
        passes(KEEP.minusHours(2));
        assertThat(List.of(isThere(child), isThere(inner), isThere(index))).containsOnly(true);
        passes(Duration.ofHours(3));
        assertThat(List.of(isThere(child), isThere(inner), isThere(index))).containsOnly(false);
    }

    @Test
    void referrers_stayAndGoWithTheirSubject() throws Exception {
        RawManifest subject = registry.pushImage("a", "1", "x");
        RawManifest signature = attach(subject.descriptor(), "signature");
        RawManifest ofSignature = attach(signature.descriptor(), "signature of the signature");

        passes(KEEP.multipliedBy(2));
        assertThat(List.of(isThere(signature), isThere(ofSignature))).containsOnly(true);

        registry.send("DELETE", "/v2/a/manifests/" + subject.digest()).expect(202);
        collect();
        assertThat(List.of(isThere(signature), isThere(ofSignature))).containsOnly(false);
        assertThat(registry.get("/v2/a/referrers/" + subject.digest()).expect(200).json().get("manifests")).isEmpty();
    }

    @Test
    void referrer_ofWhatIsNotThereYet_staysForAWhile() throws Exception {
        RawManifest signature = attach(RawManifest.of(registry.image("a", "later")).descriptor(), "early");

        passes(KEEP.minusHours(2));
        assertThat(isThere(signature)).isTrue();
        passes(Duration.ofHours(3));
        assertThat(isThere(signature)).isFalse();
    }

    @Test
    void take_ofWhatWasNamedSince_leavesIt() throws Exception {
        RawManifest manifest = byDigest("a", "x");
        RawManifest child = byDigest("a", "y");
        registry.advance(KEEP.plusDays(1));
        List<Stocked> listed = stock.list();
        assertThat(listed).hasSize(2);
        registry.pushManifest("a", "1", manifest).expect(201);
        registry.pushManifest("a", "all", RawManifest.of(ImageIndex.of(List.of(child.descriptor())))).expect(201);

        for (Stocked stocked : listed) {
            assertThat(stock.take(stocked.item().id())).isEmpty();
        }
        assertThat(List.of(isThere(manifest), isThere(child))).containsOnly(true);
    }

    @Test
    void list_saysWhatIsTooNewToGoInAnyCase() throws Exception {
        byDigest("a", "x");
        assertThat(stock.list()).extracting(Stocked::inUse).containsExactly(true);

        registry.advance(Duration.ofHours(2));

        assertThat(stock.list()).extracting(Stocked::inUse).containsExactly(false);
    }

    @Test
    void unnamedResults_areNotListed() throws Exception {
        byDigest("builds/x", "x");

        assertThat(stock.list()).isEmpty();
        assertThat(new RegistryStock(registry.tags, registry.registry.manifests()).list()).hasSize(1);
    }

    @Test
    void held_isWhatListedManifestsConsistOf() throws Exception {
        RawManifest manifest = byDigest("a", "x");
        RegistryStock results = new RegistryStock(registry.tags, registry.registry.manifests());
        assertThat(results.held()).hasSize(3).contains(manifest.digest());

        passes(KEEP.plusDays(1));

        assertThat(results.held()).isEqualTo(Set.of());
    }
}
