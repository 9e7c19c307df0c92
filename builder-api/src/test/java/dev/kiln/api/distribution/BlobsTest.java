package dev.kiln.api.distribution;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.RawManifest;

import static dev.kiln.api.distribution.TestRegistryServer.blob;
import static dev.kiln.api.distribution.TestRegistryServer.bytes;
import static dev.kiln.api.distribution.TestRegistryServer.part;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class BlobsTest {
    private static final Digest ABSENT = Digest.sha256("absent".getBytes(StandardCharsets.UTF_8));
    private static final String TYPE = "application/octet-stream";

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
    void base_always_saysTheVersion() {
        var answer = registry.get("/v2/").expect(200);

        assertThat(answer.header("Docker-Distribution-Api-Version")).isEqualTo("registry/2.0");
    }

    @Test
    void base_withoutToken_asksForBasic() throws Exception {
        try (var closed = new TestRegistryServer(folder.resolve("closed"), TestRegistryServer.Files.SENT,
                Optional.of("secret"))) {
            var answer = closed.get("/v2/").expect(401, "UNAUTHORIZED");

            assertThat(answer.header("WWW-Authenticate")).startsWith("Basic ");
            assertThat(answer.header("Docker-Distribution-Api-Version")).isEqualTo("registry/2.0");
            closed.get("/v2/", "Authorization", "Bearer secret").expect(200);
        }
    }

    @ParameterizedTest
    @EnumSource(TestRegistryServer.Files.class)
    void get_ofAnySize_givesTheBytes(TestRegistryServer.Files files) throws Exception {
        try (var server = new TestRegistryServer(folder.resolve(files.name()), files, Optional.empty())) {
            for (int size : new int[]{0, 1, 64 << 10, (64 << 10) + 1, 5_000_000}) {
                Digest digest = server.content.ingest(bytes(size));

                var got = server.get(blob("a/b", digest)).expect(200);

                assertThat(got.response().body()).isEqualTo(bytes(size));
                assertThat(got.header("Content-Length")).isEqualTo("" + size);
                assertThat(got.header("Docker-Content-Digest")).isEqualTo(digest.toString());
                var head = server.send("HEAD", blob("a/b", digest)).expect(200);
                assertThat(head.header("Content-Length")).isEqualTo("" + size);
                assertThat(head.header("Content-Type")).isEqualTo(TYPE);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"100,bytes=0-9,0,10", "100,bytes=90-,90,100", "100,bytes=-7,93,100", "100,bytes=99-500,99,100",
        "300000,bytes=100000-299998,100000,299999", "300000,bytes=299999-,299999,300000"})
    void get_withRange_givesThatPart(int size, String range, int from, int to) throws Exception {
        Digest digest = registry.content.ingest(bytes(size));

        var got = registry.get(blob("a", digest), "Range", range).expect(206);

        assertThat(got.response().body()).isEqualTo(part(bytes(size), from, to));
        assertThat(got.header("Content-Range")).isEqualTo("bytes " + from + "-" + (to - 1) + "/" + size);
    }

    @Test
    void get_withRangeOutside_is416() throws Exception {
        Digest digest = registry.content.ingest(bytes(100));

        var answer = registry.get(blob("a", digest), "Range", "bytes=100-200").expect(416);

        assertThat(answer.header("Content-Range")).isEqualTo("bytes */100");
    }

    @Test
    void get_absent_isUnknown() {
        registry.get(blob("a", ABSENT)).expect(404, "BLOB_UNKNOWN");
        registry.send("HEAD", blob("a", ABSENT)).expect(404);
        registry.send("DELETE", blob("a", ABSENT)).expect(404, "BLOB_UNKNOWN");
    }

    @Test
    void get_ofDamagedBytes_isUnknown() throws Exception {
        Digest digest = registry.content.ingest(bytes(100));
        Path file = registry.content.file(digest).orElseThrow();
        Files.delete(file);
        Files.write(file, bytes(101));

        registry.get(blob("a", digest)).expect(404, "BLOB_UNKNOWN");
    }

    @Test
    void delete_unused_takesItOutOfThisRepositoryOnly() throws Exception {
        Digest digest = registry.content.ingest(bytes(100));

        registry.send("DELETE", blob("a", digest)).expect(202);

        registry.get(blob("a", digest)).expect(404, "BLOB_UNKNOWN");
        registry.get(blob("a/b", digest)).expect(200);
        assertThat(registry.content.size(digest)).hasValue(100);
    }

    @Test
    void delete_thenPushedOrMounted_isBack() {
        Digest digest = registry.pushBlob("a", TYPE, bytes(100)).digest();
        registry.send("DELETE", blob("a", digest)).expect(202);

        registry.pushBlob("a", TYPE, bytes(100));
        registry.get(blob("a", digest)).expect(200);

        registry.send("DELETE", blob("a", digest)).expect(202);
        registry.send("POST", "/v2/a/blobs/uploads/?mount=" + digest + "&from=b").expect(201);
        registry.get(blob("a", digest)).expect(200);
    }

    @Test
    void delete_ofWhatAManifestNeeds_isDenied() {
        RawManifest manifest = registry.pushImage("a", "1", "x");
        Digest layer = ((Manifest) manifest.parse()).layers().getFirst().digest();

        registry.send("DELETE", blob("a", layer)).expect(405, "DENIED");
        registry.send("DELETE", blob("a", manifest.digest())).expect(405, "DENIED");
        registry.get(blob("a", layer)).expect(200);

        registry.send("DELETE", "/v2/a/manifests/" + manifest.digest()).expect(202);
        registry.send("DELETE", blob("a", layer)).expect(202);
    }

    @Test
    void delete_afterRestart_isStillDeleted() throws Exception {
        Digest digest = registry.pushBlob("a", TYPE, bytes(100)).digest();
        registry.send("DELETE", blob("a", digest)).expect(202);

        registry.close();
        registry = new TestRegistryServer(folder);

        registry.get(blob("a", digest)).expect(404, "BLOB_UNKNOWN");
    }

    @ParameterizedTest
    @CsvSource({"sha256:abc", "sha256:", "md5:d41d8cd98f00b204e9800998ecf8427e", "nothing",
        "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"})
    void digest_notOfTheForm_isInvalid(String digest) {
        registry.get("/v2/a/blobs/" + digest).expect(400, "DIGEST_INVALID");
    }

    /** Puts other bytes where the blob is, as a disk does that loses some. */
    private void damage(Digest blob, int at) throws Exception {
        Path file = registry.content.file(blob).orElseThrow();
        byte[] bytes = Files.readAllBytes(file);
        bytes[at] ^= 1;
        Files.delete(file);
        Files.write(file, bytes);
    }

    @Test
    void get_ofDamagedLargeBlob_breaksOffAndMakesRoomForTheNextPush() throws Exception {
        byte[] bytes = bytes(1_000_000);
        Digest digest = registry.content.ingest(bytes);
        registry.close();
        registry = new TestRegistryServer(folder);
        damage(digest, 10);

        assertThatThrownBy(() -> registry.get(blob("a", digest))).hasMessageContaining("GET")
            .hasRootCauseInstanceOf(IOException.class);

        registry.send("HEAD", blob("a", digest)).expect(404);
        registry.send("POST", "/v2/a/blobs/uploads/?digest=" + digest, bytes).expect(201);
        assertThat(registry.get(blob("a", digest)).expect(200).response().body()).isEqualTo(bytes);
    }

    @Test
    void headOrMount_ofDamagedLargeBlob_hasItSentAgain() throws Exception {
        byte[] bytes = bytes(1_000_000);
        Digest digest = registry.content.ingest(bytes);
        Digest mounted = registry.content.ingest(bytes(1_000_001));
        registry.close();
        registry = new TestRegistryServer(folder);
        damage(digest, 10);
        damage(mounted, 10);

        registry.send("HEAD", blob("a", digest)).expect(404);
        registry.send("POST", "/v2/a/blobs/uploads/?mount=" + mounted + "&from=b").expect(202);

        registry.send("POST", "/v2/a/blobs/uploads/?digest=" + digest, bytes).expect(201);
        registry.send("HEAD", blob("a", digest)).expect(200);
    }

    @Test
    void get_ofPartOfDamagedLargeBlob_isUnknown() throws Exception {
        byte[] bytes = bytes(1_000_000);
        Digest digest = registry.content.ingest(bytes);
        registry.close();
        registry = new TestRegistryServer(folder);
        damage(digest, 999_999);

        registry.get(blob("a", digest), "Range", "bytes=0-9").expect(404, "BLOB_UNKNOWN");

        registry.send("HEAD", blob("a", digest)).expect(404);
    }

    @Test
    void get_afterAWholeRead_isSentFromTheFile() throws Exception {
        byte[] bytes = bytes(1_000_000);
        Digest digest = registry.content.ingest(bytes);
        registry.close();
        registry = new TestRegistryServer(folder);
        assertThat(registry.content.checkedFile(digest)).isEmpty();

        for (int i = 0; i < 2; i++) {
            assertThat(registry.get(blob("a", digest)).expect(200).response().body()).isEqualTo(bytes);
            assertThat(registry.content.checkedFile(digest)).isPresent();
        }
    }
}
