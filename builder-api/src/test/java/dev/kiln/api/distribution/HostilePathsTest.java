package dev.kiln.api.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.RawManifest;

import static org.assertj.core.api.Assertions.assertThat;

class HostilePathsTest {
    @TempDir
    Path folder;
    private TestRegistryServer registry;
    private RawManifest manifest;

    @BeforeEach
    void start() throws Exception {
        registry = new TestRegistryServer(folder);
        manifest = registry.pushImage("good", "1", "x");
    }

    @AfterEach
    void stop() throws Exception {
        registry.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"UPPER", "a..b", "_manifests", "a/_tags", "a/_manifests/sha256", "a/.hidden", "-a", "a-",
        "a___b", "a/-/b", "a%2f..%2fb", "..%2fgood", "a%2f%2fb", "%2e%2e%2f%2e%2e%2fetc", "%252e%252e", "a%00b",
        "a%0ab", "a%5cb", "%2fetc", "caf%c3%a9"})
    void name_outsideOfTheGrammar_isInvalidForEveryVerb(String name) {
        registry.get("/v2/" + name + "/manifests/1").expect(400, "NAME_INVALID");
        registry.get("/v2/" + name + "/tags/list").expect(400, "NAME_INVALID");
        registry.get("/v2/" + name + "/blobs/" + manifest.digest()).expect(400, "NAME_INVALID");
        registry.get("/v2/" + name + "/referrers/" + manifest.digest()).expect(400, "NAME_INVALID");
        registry.send("POST", "/v2/" + name + "/blobs/uploads/").expect(400, "NAME_INVALID");
        registry.pushManifest(name, "1", manifest).expect(400, "NAME_INVALID");
        registry.send("DELETE", "/v2/" + name + "/manifests/1").expect(400, "NAME_INVALID");
        registry.send("POST", "/v2/good/blobs/uploads/?mount=" + manifest.digest() + "&from=" + name)
            .expect(400, "NAME_INVALID");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v2/../../etc/passwd", "/v2/a/../../x/manifests/1", "/v2/%2e%2e/%2e%2e/manifests/1",
        "/v2//manifests/1", "/v2/manifests/1", "/v2/a/manifests/", "/v2/a/manifests/%2e%2e", "/v2/a/blobs/",
        "/v2/a/manifests/..%2f..%2fgood%2f_tags%2f1", "/v2/a/tags/list/more", "/v2/a/manifests/%zz"})
    void path_thatLeadsAstray_findsNothing(String path) throws Exception {
        assertThat(registry.rawStatus("GET", path)).isIn(400, 404);
        assertThat(registry.rawStatus("PUT", path)).isIn(400, 404, 405);
        assertThat(registry.rawStatus("DELETE", path)).isIn(400, 404, 405);
        assertOnlyGood();
    }

    @Test
    void path_withDots_meansWhatItNormalizesTo() throws Exception {
        assertThat(registry.rawStatus("GET", "/v2/x/../good/manifests/1")).isEqualTo(200);
        assertThat(registry.rawStatus("GET", "/v2/x/%2e%2e/good/manifests/1")).isEqualTo(200);
    }

    @Test
    void name_ofTheGreatestLength_isStored() {
        String longest = "a".repeat(255);

        registry.pushImage(longest, "t".repeat(128), "x");

        registry.get("/v2/" + longest + "/manifests/" + "t".repeat(128)).expect(200);
        registry.get("/v2/" + longest + "a/tags/list").expect(400, "NAME_INVALID");
        registry.get("/v2/" + "a/".repeat(1500) + "a/tags/list").expect(400, "NAME_INVALID");
    }

    @ParameterizedTest
    @ValueSource(strings = {".hidden", "-x", "a%20b", "a%2fb", "..%2fx", "a%00"})
    void tag_outsideOfTheGrammar_isInvalid(String tag) {
        registry.pushManifest("good", tag, manifest).expect(400, "TAG_INVALID");
        registry.get("/v2/good/manifests/" + tag).expect(404, "MANIFEST_UNKNOWN");
        registry.send("DELETE", "/v2/good/manifests/" + tag).expect(404, "MANIFEST_UNKNOWN");
        assertThat(registry.get("/v2/good/tags/list").list("tags")).containsExactly("1");
    }

    @Test
    void tag_tooLong_isInvalid() {
        registry.pushManifest("good", "t".repeat(129), manifest).expect(400, "TAG_INVALID");
    }

    @Test
    void name_ofTheWordsOfPaths_isAName() {
        for (String name : List.of("manifests", "a/manifests/b", "tags/list", "blobs/uploads", "a/blobs/uploads/b",
                "v2", "a/manifests", "referrers/x")) {
            RawManifest pushed = registry.pushImage(name, "1", name);

            assertThat(registry.get("/v2/" + name + "/manifests/1").expect(200).response().body())
                .isEqualTo(pushed.bytes());
            assertThat(registry.get("/v2/" + name + "/tags/list").expect(200).list("tags")).containsExactly("1");
            registry.send("DELETE", registry.beginUpload(name)).expect(204);
        }
    }

    @Test
    void method_notForThePath_isUnsupported() {
        assertThat(registry.send("POST", "/v2/good/manifests/1").status()).isEqualTo(405);
        assertThat(registry.send("PATCH", "/v2/good/blobs/" + manifest.digest()).status()).isEqualTo(405);
    }

    @Test
    void contentLength_ofManifestThatNeverComes_isLetGo() throws Exception {
        try (var socket = registry.raw("PUT /v2/good/manifests/2 HTTP/1.1\r\nHost: x\r\nContent-Type: "
                + MediaTypes.OCI_MANIFEST + "\r\nContent-Length: 100000\r\n\r\n{\"schemaVersion\":2")) {
            socket.shutdownOutput();
            assertThat(socket.getInputStream().readAllBytes()).isEmpty();
        }
        registry.get("/v2/good/manifests/2").expect(404, "MANIFEST_UNKNOWN");
    }

    private void assertOnlyGood() throws IOException {
        try (Stream<Path> folders = Files.list(folder.resolve("registry/repositories"))) {
            assertThat(folders.map(f -> f.getFileName().toString())).containsExactly("good");
        }
    }
}
