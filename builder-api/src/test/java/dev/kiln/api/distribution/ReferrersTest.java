package dev.kiln.api.distribution;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageIndex;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.ManifestJson;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.RawManifest;

import static org.assertj.core.api.Assertions.assertThat;

class ReferrersTest {
    private static final String SIGNATURE = "application/vnd.example.signature+json";
    private static final String SBOM = "application/vnd.example.sbom";

    @TempDir
    Path folder;
    private TestRegistryServer registry;
    private Descriptor subject;

    @BeforeEach
    void start() throws Exception {
        registry = new TestRegistryServer(folder);
        subject = registry.pushImage("a", "1", "x").descriptor();
    }

    @AfterEach
    void stop() throws Exception {
        registry.close();
    }

    @Test
    void list_ofNone_isAnEmptyIndex() {
        var answer = registry.get(path("a")).expect(200);

        assertThat(answer.header("Content-Type")).isEqualTo(MediaTypes.OCI_INDEX);
        assertThat(index(answer)).isEmpty();
        assertThat(answer.json().get("manifests").isArray()).isTrue();
        registry.get("/v2/nowhere/referrers/" + subject.digest()).expect(200);
        registry.get("/v2/a/referrers/sha256:1").expect(400, "DIGEST_INVALID");
    }

    @Test
    void put_withSubject_saysSoAndIsListed() {
        RawManifest signature = registry.attached("a", subject, SIGNATURE, "mine");

        var put = registry.pushManifest("a", signature.digest().toString(), signature).expect(201);

        assertThat(put.header("OCI-Subject")).isEqualTo(subject.digest().toString());
        assertThat(index(registry.get(path("a")))).containsExactly(new Descriptor(MediaTypes.OCI_MANIFEST,
                signature.digest(), signature.bytes().length, Map.of("note", "mine"), Optional.empty(),
                Optional.of(SIGNATURE)));
        assertThat(index(registry.get(path("b")))).isEmpty();
    }

    @Test
    void put_beforeItsSubject_isAccepted() {
        Descriptor later = RawManifest.of(registry.image("b", "later")).descriptor();
        RawManifest signature = registry.attached("b", later, SIGNATURE, "");

        registry.pushManifest("b", "sig", signature).expect(201);

        assertThat(index(registry.get("/v2/b/referrers/" + later.digest()))).hasSize(1);
    }

    @Test
    void list_withType_filtersAndSaysSo() {
        push(SIGNATURE, "1");
        RawManifest sbom = push(SBOM, "2");

        var answer = registry.get(path("a") + "?artifactType=" + SBOM).expect(200);

        assertThat(answer.header("OCI-Filters-Applied")).isEqualTo("artifactType");
        assertThat(index(answer)).extracting(Descriptor::digest).containsExactly(sbom.digest());
        assertThat(index(registry.get(path("a")))).hasSize(2);
    }

    @Test
    void list_ofImagesAndIndexes_namesTheirTypes() {
        Manifest image = registry.image("a", "y");
        RawManifest plain = RawManifest.of(new Manifest(MediaTypes.OCI_MANIFEST, image.config(), image.layers(),
                Map.of(), Optional.empty(), Optional.of(subject)));
        RawManifest index = RawManifest.of(new ImageIndex(MediaTypes.OCI_INDEX, List.of(), Map.of(),
                Optional.of(SBOM), Optional.of(subject)));
        registry.pushManifest("a", "plain", plain).expect(201);
        registry.pushManifest("a", "index", index).expect(201);

        assertThat(index(registry.get(path("a"))).stream().map(d -> d.artifactType().orElseThrow()))
            .containsExactlyInAnyOrder(MediaTypes.OCI_CONFIG, SBOM);
    }

    @Test
    void delete_takesItOffTheList() {
        RawManifest signature = push(SIGNATURE, "1");

        registry.send("DELETE", "/v2/a/manifests/" + signature.digest()).expect(202);

        assertThat(index(registry.get(path("a")))).isEmpty();
    }

    @Test
    void list_afterRestart_isTheSame() throws Exception {
        RawManifest signature = push(SIGNATURE, "1");

        registry.close();
        registry = new TestRegistryServer(folder);

        assertThat(index(registry.get(path("a")))).extracting(Descriptor::digest).containsExactly(signature.digest());
    }

    @Test
    void list_ofMoreThanClientsRead_comesInPages() {
        List<Digest> pushed = IntStream.range(0, 5)
            .mapToObj(i -> push(SIGNATURE, i + "x".repeat(900_000)).digest())
            .toList();

        List<List<Digest>> pages = pages("?artifactType=application%2Fvnd.example.signature%2Bjson");

        assertThat(pages).hasSizeGreaterThan(1);
        assertThat(pages.stream().flatMap(List::stream)).doesNotHaveDuplicates()
            .containsExactlyElementsOf(new TreeSet<>(pushed));
    }

    @Test
    void list_ofOneLargerThanAPage_leavesItsAnnotationsOut() {
        RawManifest huge = push(SIGNATURE, "x".repeat(3_000_000));

        var answer = registry.get(path("a")).expect(200);

        assertThat(index(answer)).extracting(Descriptor::digest).containsExactly(huge.digest());
        assertThat(answer.response().body().length).isLessThan(2000);
    }

    /** Follows the links of a list to its end. */
    private List<List<Digest>> pages(String query) {
        List<List<Digest>> pages = new ArrayList<>();
        Optional<String> next = Optional.of(path("a") + query);
        while (next.isPresent()) {
            var answer = registry.get(next.get()).expect(200);
            assertThat(answer.response().body().length).isLessThan(RawManifest.MAX_BYTES);
            pages.add(index(answer).stream().map(Descriptor::digest).toList());
            String link = answer.header("Link");
            assertThat(link).matches("(<.*>; rel=\"next\")?");
            next = link.isEmpty() ? Optional.empty() : Optional.of(link.substring(1, link.indexOf('>')));
        }
        return pages;
    }

    private RawManifest push(String artifactType, String note) {
        RawManifest manifest = registry.attached("a", subject, artifactType, note);
        registry.pushManifest("a", manifest.digest().toString(), manifest).expect(201);
        return manifest;
    }

    private String path(String repository) {
        return "/v2/" + repository + "/referrers/" + subject.digest();
    }

    private static List<Descriptor> index(TestRegistryServer.Answer answer) {
        return ManifestJson.decode(MediaTypes.OCI_INDEX, answer.response().body()).references();
    }
}
