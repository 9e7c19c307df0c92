package dev.kiln.api.builds;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

import com.github.luben.zstd.ZstdOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.api.ApiConfig;
import dev.kiln.api.TestFarm;
import dev.kiln.layercache.oci.Digest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@Timeout(60)
class ContextsTest {
    private static final int LIMIT = 4 << 20;
    @TempDir
    Path folder;
    private TestFarm farm;

    @BeforeEach
    void start() throws Exception {
        farm = new TestFarm(ApiConfig.of(new ApiConfig.Address("127.0.0.1", 0), folder, "none:9092")
            .withContextLimit(LIMIT));
        farm.awaitReady();
    }

    @AfterEach
    void stop() throws Exception {
        farm.close();
    }

    private List<Digest> blobs() throws Exception {
        List<Digest> blobs = new ArrayList<>();
        farm.content.forEach(blob -> blobs.add(blob.digest()));
        return blobs;
    }

    private static byte[] compressed(String how, byte[] tar) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = how.equals("gzip") ? new GZIPOutputStream(bytes) : new ZstdOutputStream(bytes)) {
            out.write(tar);
        }
        return bytes.toByteArray();
    }

    @Test
    void put_context_isStoredAsItCame() throws Exception {
        byte[] tar = TestFarm.context();
        for (byte[] body : List.of(tar, compressed("gzip", tar), compressed("zstd", tar))) {
            HttpResponse<String> response = farm.send("PUT", "/v1/contexts", body, "Content-Type",
                    "application/x-tar");
            assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
            Digest digest = Digest.sha256(body);
            assertThat(TestFarm.json(response).get("digest").stringValue()).isEqualTo(digest.toString());
            assertThat(TestFarm.json(response).get("size").intValue()).isEqualTo(body.length);
            assertThat(farm.content.open(digest).readAllBytes()).isEqualTo(body);
            HttpResponse<String> head = farm.send("HEAD", response.headers().firstValue("Location").orElseThrow(),
                    BodyPublishers.noBody());
            assertThat(head.statusCode()).isEqualTo(200);
            assertThat(head.headers().firstValueAsLong("Content-Length")).hasValue(body.length);
        }
    }

    @Test
    void put_chunkedWithExpectedDigest_isStored() throws Exception {
        byte[] tar = TestFarm.context();
        HttpResponse<String> response = farm.send("PUT", "/v1/contexts?digest=" + Digest.sha256(tar),
                BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(tar)));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
    }

    @Test
    void put_otherDigest_isRefusedAndNotKept() throws Exception {
        HttpResponse<String> response = farm.send("PUT", "/v1/contexts?digest=" + Digest.sha256(new byte[0]),
                TestFarm.context());
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(TestFarm.json(response).get("field").stringValue()).isEqualTo("digest");
        assertThat(blobs()).isEmpty();
    }

    @Test
    void head_unknownOrNoDigest_is404Or400() throws Exception {
        assertThat(farm.send("HEAD", "/v1/contexts/" + Digest.sha256(new byte[0]), BodyPublishers.noBody())
            .statusCode()).isEqualTo(404);
        assertThat(farm.send("HEAD", "/v1/contexts/sha256:zz", BodyPublishers.noBody()).statusCode()).isEqualTo(400);
    }

    @Test
    void put_hostileTar_isRefusedByNameAndNotKept() throws Exception {
        assertRefused(TestFarm.tar(Map.of("../evil", "x")), "../evil");
        assertRefused(TestFarm.tar(Map.of("/etc/passwd", "x")), "/etc/passwd");
        assertRefused(linkThenFile(), "link");
        assertRefused("not a tar at all".repeat(100).getBytes(StandardCharsets.UTF_8), "");
        byte[] cut = TestFarm.tar(Map.of("a", "x".repeat(5000)));
        assertRefused(Arrays.copyOf(cut, 2048), "");
        assertThat(blobs()).isEmpty();
    }

    @Test
    void put_refusedTarThatIsAlreadyABlob_leavesTheBlob() throws Exception {
        byte[] layer = TestFarm.tar(Map.of("/abs", "x"));
        Digest digest = farm.content.ingest(layer);
        assertRefused(layer, "/abs");
        assertThat(farm.content.size(digest)).isPresent();
    }

    private void assertRefused(byte[] tar, String entry) throws Exception {
        HttpResponse<String> response = farm.send("PUT", "/v1/contexts", tar);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(422);
        assertThat(TestFarm.json(response).get("type").stringValue()).isEqualTo("urn:kiln:problem:context");
        assertThat(TestFarm.json(response).get("detail").stringValue()).contains(entry);
    }

    private static byte[] linkThenFile() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            TarArchiveEntry link = new TarArchiveEntry("link", TarArchiveEntry.LF_SYMLINK);
            link.setLinkName("/etc");
            tar.putArchiveEntry(link);
            tar.closeArchiveEntry();
            TarArchiveEntry file = new TarArchiveEntry("link/passwd");
            tar.putArchiveEntry(file);
            tar.closeArchiveEntry();
        }
        return bytes.toByteArray();
    }

    @Test
    void put_overTheLimit_is413BeforeAndWhileItComes() throws Exception {
        byte[] large = TestFarm.tar(Map.of("a", "x".repeat(LIMIT + 1)));
        HttpResponse<String> chunked = farm.send("PUT", "/v1/contexts",
                BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(large)));
        assertThat(chunked.statusCode()).isEqualTo(413);
        assertThat(TestFarm.json(chunked).get("limit").intValue()).isEqualTo(LIMIT);
        try (RawClient raw = new RawClient(farm.address)) {
            raw.write("PUT /v1/contexts HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000000\r\n"
                    + "Expect: 100-continue\r\n\r\n");
            assertThat(raw.readHead()).startsWith("HTTP/1.1 413");
        }
        assertThat(blobs()).isEmpty();
    }

    @Test
    void put_expectContinue_isToldToGoOn() throws Exception {
        byte[] tar = TestFarm.context();
        try (RawClient raw = new RawClient(farm.address)) {
            raw.write("PUT /v1/contexts HTTP/1.1\r\nHost: x\r\nContent-Length: " + tar.length
                    + "\r\nExpect: 100-continue\r\n\r\n");
            assertThat(raw.readHead()).startsWith("HTTP/1.1 100");
            raw.write(tar);
            assertThat(raw.readHead()).startsWith("HTTP/1.1 201");
        }
    }

    @Test
    void put_halfABody_leavesNothing() throws Exception {
        byte[] tar = TestFarm.tar(Map.of("a", "x".repeat(1 << 20)));
        for (String framing : List.of("Content-Length: " + tar.length, "Transfer-Encoding: chunked")) {
            try (Socket socket = new Socket("127.0.0.1", farm.address.getPort())) {
                OutputStream out = socket.getOutputStream();
                out.write(("PUT /v1/contexts HTTP/1.1\r\nHost: x\r\n" + framing + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
                if (framing.startsWith("T")) {
                    out.write("200000\r\n".getBytes(StandardCharsets.US_ASCII));
                }
                out.write(tar, 0, tar.length / 2);
                out.flush();
                await().atMost(Duration.ofSeconds(10)).until(() -> unfinished() > 0);
            }
            await().atMost(Duration.ofSeconds(10)).until(() -> unfinished() == 0);
        }
        assertThat(blobs()).isEmpty();
    }

    /** Files of blobs being written. */
    private long unfinished() throws Exception {
        try (var files = java.nio.file.Files.walk(folder.resolve("content/ingest"))) {
            return files.filter(java.nio.file.Files::isRegularFile)
                .filter(file -> !file.getFileName().toString().equals("lock"))
                .count();
        }
    }

    @Test
    void submit_halfATar_acceptsNothing() throws Exception {
        byte[] tar = TestFarm.context();
        try (RawClient raw = new RawClient(farm.address)) {
            raw.write("POST /v1/builds HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-tar\r\nContent-Length: "
                    + tar.length + "\r\n\r\n");
            raw.write(Arrays.copyOf(tar, 600));
        }
        assertThat(farm.submit()).isNotNull();
        assertThat(farm.jobs.waiting()).isEqualTo(1);
        assertThat(blobs()).hasSize(1);
    }

    @Test
    void put_otherContentType_is415() throws Exception {
        assertThat(farm.send("PUT", "/v1/contexts", TestFarm.context(), "Content-Type",
                "application/x-www-form-urlencoded")
            .statusCode()).isEqualTo(415);
    }
}
