package dev.kiln.api.distribution;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageIndex;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.RawManifest;

import static dev.kiln.api.distribution.TestRegistryServer.bytes;
import static org.assertj.core.api.Assertions.assertThat;

class ManifestsTest {
    private static final Descriptor ABSENT = Descriptor.of(MediaTypes.OCI_LAYER, bytes(77));

    @TempDir
    Path folder;
    private TestRegistryServer registry;

    @BeforeEach
    void start() throws Exception {
        registry = new TestRegistryServer(folder);
    }

    @AfterEach
    void stop() throws Exception {
        registry.close();
    }

    @Test
    void put_byTag_isThereByTagAndDigest() {
        RawManifest manifest = RawManifest.of(registry.image("a/b", "x"));

        var put = registry.pushManifest("a/b", "v1", manifest).expect(201);

        assertThat(put.header("Location")).isEqualTo("/v2/a/b/manifests/" + manifest.digest());
        assertThat(put.header("Docker-Content-Digest")).isEqualTo(manifest.digest().toString());
        for (String reference : List.of("v1", manifest.digest().toString())) {
            var got = registry.get("/v2/a/b/manifests/" + reference).expect(200);
            assertThat(got.response().body()).isEqualTo(manifest.bytes());
            assertThat(got.header("Content-Type")).isEqualTo(MediaTypes.OCI_MANIFEST);
            assertThat(got.header("Docker-Content-Digest")).isEqualTo(manifest.digest().toString());
            var head = registry.send("HEAD", "/v2/a/b/manifests/" + reference).expect(200);
            assertThat(head.header("Content-Length")).isEqualTo("" + manifest.bytes().length);
            assertThat(head.header("Content-Type")).isEqualTo(MediaTypes.OCI_MANIFEST);
        }
    }

    @Test
    void put_byDigest_hasNoTag() {
        RawManifest manifest = RawManifest.of(registry.image("a", "x"));

        registry.pushManifest("a", manifest.digest().toString(), manifest).expect(201);

        registry.get("/v2/a/manifests/" + manifest.digest()).expect(200);
        assertThat(registry.get("/v2/a/tags/list").list("tags")).isEmpty();
    }

    @Test
    void put_byDigestWithTags_setsThem() {
        RawManifest manifest = RawManifest.of(registry.image("a", "x"));

        var put = registry.pushManifest("a", manifest.digest() + "?tag=1.2&tag=1&tag=latest", manifest).expect(201);

        assertThat(put.header("OCI-Tag")).isEqualTo("1.2, 1, latest");
        assertThat(registry.get("/v2/a/tags/list").list("tags")).containsExactly("1", "1.2", "latest");
        registry.pushManifest("a", manifest.digest() + "?tag=-no", manifest).expect(400, "TAG_INVALID");
    }

    @Test
    void put_byDigestOfOtherBytes_isInvalid() {
        RawManifest manifest = RawManifest.of(registry.image("a", "x"));

        registry.pushManifest("a", ABSENT.digest().toString(), manifest).expect(400, "DIGEST_INVALID");
    }

    @Test
    void put_withoutMediaTypeInside_keepsTheOneItWasSentAs() {
        Manifest image = registry.image("a", "x");
        byte[] bytes = new String(RawManifest.of(image).bytes(), StandardCharsets.UTF_8)
            .replace("\"mediaType\":\"" + MediaTypes.OCI_MANIFEST + "\",", "")
            .getBytes(StandardCharsets.UTF_8);

        registry.send("PUT", "/v2/a/manifests/1", bytes, "Content-Type", MediaTypes.DOCKER_MANIFEST).expect(201);

        var got = registry.get("/v2/a/manifests/1").expect(200);
        assertThat(got.header("Content-Type")).isEqualTo(MediaTypes.DOCKER_MANIFEST);
        assertThat(got.response().body()).isEqualTo(bytes);
    }

    @Test
    void put_sentAsAnotherType_isInvalid() {
        byte[] bytes = RawManifest.of(registry.image("a", "x")).bytes();

        registry.send("PUT", "/v2/a/manifests/1", bytes, "Content-Type", MediaTypes.OCI_INDEX)
            .expect(400, "MANIFEST_INVALID");
        registry.send("PUT", "/v2/a/manifests/1", bytes, "Content-Type", "text/html").expect(201);
    }

    @Test
    void put_withAbsentLayer_saysWhich() {
        Manifest image = registry.image("a", "x");
        RawManifest manifest = RawManifest.of(Manifest.of(image.config(), List.of(ABSENT)));

        var answer = registry.pushManifest("a", "1", manifest).expect(400, "MANIFEST_BLOB_UNKNOWN");

        assertThat(answer.text()).contains(ABSENT.digest().toString());
        registry.get("/v2/a/manifests/1").expect(404, "MANIFEST_UNKNOWN");
        registry.pushManifest("a", "1", RawManifest.of(Manifest.of(ABSENT, image.layers())))
            .expect(400, "MANIFEST_BLOB_UNKNOWN");
    }

    @Test
    void put_withForeignLayer_needsItNot() {
        Manifest image = registry.image("a", "x");
        Descriptor foreign = Descriptor.of("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
                ABSENT.digest(), 77);

        registry.pushManifest("a", "1", RawManifest.of(Manifest.of(image.config(), List.of(foreign)))).expect(201);
    }

    @Test
    void put_withOtherSizeThanTheBlobs_isInvalid() {
        Manifest image = registry.image("a", "x");
        Descriptor layer = image.layers().getFirst();
        Descriptor wrong = Descriptor.of(layer.mediaType(), layer.digest(), layer.size() + 1);

        registry.pushManifest("a", "1", RawManifest.of(Manifest.of(image.config(), List.of(wrong))))
            .expect(400, "MANIFEST_INVALID");
    }

    @Test
    void put_ofIndex_needsItsManifestsHere() {
        RawManifest amd = registry.pushImage("a", "amd", "amd");
        RawManifest arm = registry.pushImage("other", "arm", "arm");
        RawManifest whole = RawManifest.of(ImageIndex.of(List.of(amd.descriptor())));
        RawManifest broken = RawManifest.of(ImageIndex.of(List.of(amd.descriptor(), arm.descriptor())));

        registry.pushManifest("a", "whole", whole).expect(201);
        registry.pushManifest("a", "broken", broken).expect(400, "MANIFEST_BLOB_UNKNOWN");

        assertThat(registry.get("/v2/a/manifests/whole").header("Content-Type")).isEqualTo(MediaTypes.OCI_INDEX);
    }

    @Test
    void put_again_movesTheTag() {
        RawManifest first = registry.pushImage("a", "1", "x");
        RawManifest second = registry.pushImage("a", "1", "y");

        assertThat(registry.get("/v2/a/manifests/1").response().body()).isEqualTo(second.bytes());
        registry.get("/v2/a/manifests/" + first.digest()).expect(200);
    }

    @Test
    void put_ofFiveMebibytes_isTooLarge() {
        registry.send("PUT", "/v2/a/manifests/1", bytes(5 << 20), "Content-Type", MediaTypes.OCI_MANIFEST)
            .expect(413, "SIZE_INVALID");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "[]", "{}", "{\"schemaVersion\":2}", "{\"schemaVersion\":1}",
        "{\"schemaVersion\":2,\"config\":{},\"layers\":[]}"})
    void put_ofNoManifest_isInvalid(String text) {
        registry.send("PUT", "/v2/a/manifests/1", text.getBytes(StandardCharsets.UTF_8), "Content-Type",
                MediaTypes.OCI_MANIFEST)
            .expect(400, "MANIFEST_INVALID");
    }

    @Test
    void put_nestedTooDeep_isInvalid() {
        byte[] bytes = ("{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}").getBytes(StandardCharsets.UTF_8);

        registry.send("PUT", "/v2/a/manifests/1", bytes, "Content-Type", MediaTypes.OCI_MANIFEST)
            .expect(400, "MANIFEST_INVALID");
    }

    @Test
    void get_unknown_isUnknown() {
        registry.get("/v2/a/manifests/1").expect(404, "MANIFEST_UNKNOWN");
        registry.get("/v2/a/manifests/" + ABSENT.digest()).expect(404, "MANIFEST_UNKNOWN");
        registry.send("HEAD", "/v2/a/manifests/1").expect(404);
        registry.send("DELETE", "/v2/a/manifests/1").expect(404, "MANIFEST_UNKNOWN");
    }

    @Test
    void get_ofAnotherRepositorysManifest_isUnknown() {
        RawManifest manifest = registry.pushImage("a", "1", "x");

        registry.get("/v2/b/manifests/" + manifest.digest()).expect(404, "MANIFEST_UNKNOWN");
    }

    @Test
    void get_ofDamagedBytes_isUnknownUntilPushedAgain() throws Exception {
        RawManifest manifest = registry.pushImage("a", "1", "x");
        Path file = registry.content.file(manifest.digest()).orElseThrow();
        Files.delete(file);
        Files.write(file, bytes(manifest.bytes().length));

        registry.get("/v2/a/manifests/1").expect(404, "MANIFEST_UNKNOWN");

        registry.pushManifest("a", "1", manifest).expect(201);
        registry.get("/v2/a/manifests/1").expect(200);
    }

    @Test
    void deleteTag_leavesTheManifest() {
        RawManifest manifest = registry.pushImage("a", "1", "x");

        registry.send("DELETE", "/v2/a/manifests/1").expect(202);

        registry.get("/v2/a/manifests/1").expect(404, "MANIFEST_UNKNOWN");
        registry.get("/v2/a/manifests/" + manifest.digest()).expect(200);
    }

    @Test
    void deleteManifest_takesItsTagsAlong() {
        RawManifest manifest = registry.pushImage("a", "1", "x");
        registry.pushManifest("a", "2", manifest).expect(201);
        registry.pushImage("a", "3", "y");

        registry.send("DELETE", "/v2/a/manifests/" + manifest.digest()).expect(202);

        registry.get("/v2/a/manifests/" + manifest.digest()).expect(404, "MANIFEST_UNKNOWN");
        assertThat(registry.get("/v2/a/tags/list").list("tags")).containsExactly("3");
        registry.send("DELETE", "/v2/a/manifests/" + manifest.digest()).expect(404, "MANIFEST_UNKNOWN");
    }

    @Test
    void deleteManifestAndBlob_thenPushedAgain_canStandInAnIndex() {
        RawManifest manifest = registry.pushImage("a", "1", "x");
        registry.send("DELETE", "/v2/a/manifests/" + manifest.digest()).expect(202);
        registry.send("DELETE", "/v2/a/blobs/" + manifest.digest()).expect(202);

        registry.pushManifest("a", "1", manifest).expect(201);

        registry.pushManifest("a", "all", RawManifest.of(ImageIndex.of(List.of(manifest.descriptor())))).expect(201);
    }

    @Test
    void restart_forgetsNothing() throws Exception {
        RawManifest manifest = registry.pushImage("a/b", "1", "x");

        registry.close();
        registry = new TestRegistryServer(folder);

        assertThat(registry.get("/v2/a/b/manifests/1").expect(200).response().body()).isEqualTo(manifest.bytes());
        assertThat(registry.get("/v2/_catalog").list("repositories")).containsExactly("a/b");
    }

    @Test
    void put_bySha512_isThereByIt() {
        RawManifest manifest = RawManifest.of(registry.image("a", "x"));
        Digest sha512 = new Digest("sha512", "0".repeat(128)).ofSame(manifest.bytes());

        registry.pushManifest("a", sha512.toString(), manifest).expect(201);

        var got = registry.get("/v2/a/manifests/" + sha512).expect(200);
        assertThat(got.header("Docker-Content-Digest")).isEqualTo(sha512.toString());
    }
}
