package dev.kiln.layercache.oci;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ManifestJsonTest {
    private static final String HEX = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    private static final Digest DIGEST = new Digest("sha256", HEX);
    private static final String CONFIG = "\"config\":{\"mediaType\":\"c\",\"digest\":\"sha256:" + HEX
            + "\",\"size\":7}";
    private static final String IMAGE = "{\"schemaVersion\":2," + CONFIG + ",\"layers\":[]}";

    @Test
    void encode_manifest_isCanonical() {
        Manifest manifest = new Manifest(MediaTypes.OCI_MANIFEST, Descriptor.of(MediaTypes.OCI_CONFIG, DIGEST, 7),
                List.of(Descriptor.of(MediaTypes.OCI_LAYER_GZIP, DIGEST, 9)), Map.of("b", "2", "a", "é\"\\\n</"),
                Optional.empty(), Optional.empty());

        assertThat(new String(ManifestJson.encode(manifest), StandardCharsets.UTF_8)).isEqualTo("""
                {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",\
                "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%1$s","size":7},\
                "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:%1$s","size":9}],\
                "annotations":{"a":"é\\"\\\\\\n</","b":"2"}}""".formatted(HEX));
    }

    @Test
    void decode_whatWasEncoded_isEqual() {
        Descriptor entry = new Descriptor(MediaTypes.OCI_MANIFEST, DIGEST, 1L << 40, Map.of("k", "v"),
                Optional.of(new Platform("linux", "arm", Optional.of("v7"))), Optional.of("application/x"));
        ImageIndex index = new ImageIndex(MediaTypes.DOCKER_LIST, List.of(entry, entry), Map.of("x", ""),
                Optional.empty(), Optional.of(Descriptor.of("s", DIGEST, 0)));
        Manifest manifest = new Manifest(MediaTypes.DOCKER_MANIFEST, entry, List.of(entry), Map.of(),
                Optional.of("application/y"), Optional.of(entry));

        assertThat(RawManifest.of(index).parse()).isEqualTo(index);
        assertThat(RawManifest.of(manifest).parse()).isEqualTo(manifest);
    }

    @Test
    void rawManifest_ofForeignBytes_keepsThem() {
        byte[] spaced = IMAGE.replace(",", " ,\n ").getBytes(StandardCharsets.UTF_8);
        RawManifest raw = RawManifest.of(MediaTypes.OCI_MANIFEST, spaced);

        assertThat(raw.bytes()).isEqualTo(spaced);
        assertThat(raw.digest()).isEqualTo(Digest.sha256(spaced));
        assertThat(raw.parse().references()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {"application/json, -, application/vnd.oci.image.manifest.v1+json",
        "'', application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json, -, application/vnd.docker.distribution.manifest.v2+json",
        "text/plain, application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.manifest.v1+json"})
    void mediaType_senderAndDocument_decided(String declared, String own, String expected) {
        assertThat(ManifestJson.mediaType(declared, image(own))).isEqualTo(expected);
    }

    @Test
    void mediaType_typelessIndex_isAnIndex() {
        byte[] json = bytes("{\"schemaVersion\":2,\"manifests\":[]}");

        assertThat(ManifestJson.decode("", json)).isInstanceOf(ImageIndex.class);
    }

    @Test
    void decode_senderAndDocumentDisagree_refused() {
        byte[] json = image(MediaTypes.OCI_MANIFEST);

        refused(MediaTypes.DOCKER_MANIFEST, json, OciException.Code.INVALID, "calls itself");
    }

    @Test
    void decode_manifestAndIndexAtOnce_refused() {
        byte[] json = bytes("{\"schemaVersion\":2,\"manifests\":[]," + CONFIG + ",\"layers\":[]}");

        refused(MediaTypes.OCI_INDEX, json, OciException.Code.INVALID, "at once");
        refused(MediaTypes.OCI_MANIFEST, json, OciException.Code.INVALID, "at once");
    }

    @Test
    void decode_schema1_refusedWithAWayOut() {
        byte[] json = bytes("{\"schemaVersion\":1,\"name\":\"x\",\"fsLayers\":[]}");

        refused("application/json", json, OciException.Code.UNSUPPORTED, "schema 1");
        refused("application/vnd.docker.distribution.manifest.v1+prettyjws", json, OciException.Code.UNSUPPORTED,
                "push the image again");
    }

    @Test
    void decode_unknownMediaType_refused() {
        refused("", image("application/vnd.example"), OciException.Code.UNSUPPORTED, "application/vnd.example");
    }

    @Test
    void decode_tooLarge_refusedUnread() {
        refused(MediaTypes.OCI_MANIFEST, new byte[(4 << 20) + 1], OciException.Code.TOO_LARGE, "4194304");
        assertThatThrownBy(() -> RawManifest.of(MediaTypes.OCI_MANIFEST, new byte[(4 << 20) + 1]))
            .isInstanceOf(OciException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nonsense", "[]", "null", "3", "{", "{}{}", "{\"schemaVersion\":2} x",
        "{\"schemaVersion\":3}", "{\"schemaVersion\":2}", "{\"schemaVersion\":\"2\"}",
        "{\"schemaVersion\":2,\"config\":[]}", "{\"schemaVersion\":2,\"config\":{}}",
        "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"c\",\"digest\":\"sha256:1\",\"size\":1}}",
        "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"c\",\"digest\":\"sha256:" + HEX + "\"}}",
        "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"c\",\"digest\":\"sha256:" + HEX + "\",\"size\":-1}}",
        "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"c\",\"digest\":\"sha256:" + HEX + "\",\"size\":1.5}}",
        "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"c\",\"digest\":\"sha256:" + HEX
                + "\",\"size\":99999999999999999999}}",
        "{\"schemaVersion\":2," + CONFIG + ",\"layers\":{}}", "{\"schemaVersion\":2," + CONFIG + ",\"layers\":[1]}",
        "{\"schemaVersion\":2," + CONFIG + ",\"annotations\":{\"a\":1}}",
        "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"c\",\"digest\":\"sha256:" + HEX
                + "\",\"size\":1,\"platform\":{\"os\":\"\"}}}"})
    void decode_malformed_refused(String json) {
        assertThatThrownBy(() -> ManifestJson.decode(MediaTypes.OCI_MANIFEST, bytes(json)))
            .isInstanceOfSatisfying(OciException.class, e -> {
                assertThat(e.code()).isEqualTo(OciException.Code.INVALID);
                assertThat(e.getMessage()).startsWith("the manifest");
            });
    }

    @Test
    void decode_deeplyNested_refused() {
        refused(MediaTypes.OCI_MANIFEST, bytes("[".repeat(1_000_000)), OciException.Code.INVALID, "not JSON");
    }

    private static void refused(String mediaType, byte[] json, OciException.Code code, String words) {
        assertThatThrownBy(() -> ManifestJson.decode(mediaType, json))
            .isInstanceOfSatisfying(OciException.class, e -> assertThat(e.code()).isEqualTo(code))
            .hasMessageContaining(words);
    }

    private static byte[] image(String ownType) {
        return bytes(ownType == null
                ? IMAGE
                : IMAGE.replace("\"schemaVersion\":2", "\"schemaVersion\":2,\"mediaType\":\"" + ownType + "\""));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
