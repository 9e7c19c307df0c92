package dev.kiln.api.distribution;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.layercache.oci.Digest;

import static dev.kiln.api.distribution.TestRegistryServer.blob;
import static dev.kiln.api.distribution.TestRegistryServer.bytes;
import static dev.kiln.api.distribution.TestRegistryServer.part;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class UploadsTest {
    private static final byte[] BYTES = bytes(3_000_000);
    private static final Digest DIGEST = Digest.sha256(BYTES);
    private static final int HALF = 200_000;
    private static final Digest OTHER = Digest.sha256("other".getBytes(StandardCharsets.UTF_8));

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
    void post_withDigest_storesTheBody() {
        var answer = registry.send("POST", "/v2/a/b/blobs/uploads/?digest=" + DIGEST, BYTES).expect(201);

        assertThat(answer.header("Location")).isEqualTo(blob("a/b", DIGEST));
        assertThat(answer.header("Docker-Content-Digest")).isEqualTo(DIGEST.toString());
        assertStored();
    }

    @Test
    void post_withOtherDigest_keepsNothing() throws Exception {
        registry.send("POST", "/v2/a/blobs/uploads/?digest=" + OTHER, BYTES).expect(400, "DIGEST_INVALID");

        assertNothingKept();
    }

    @Test
    void post_withSha512_storesUnderIt() {
        Digest sha512 = new Digest("sha512", "0".repeat(128)).ofSame(BYTES);

        registry.send("POST", "/v2/a/blobs/uploads/?digest=" + sha512, BYTES).expect(201);

        assertThat(registry.get(blob("a", sha512)).expect(200).response().body()).isEqualTo(BYTES);
    }

    @Test
    void post_alone_beginsAnUpload() {
        var answer = registry.send("POST", "/v2/a/b/blobs/uploads/").expect(202);

        assertThat(answer.header("Location")).isEqualTo("/v2/a/b/blobs/uploads/" + answer.header("Docker-Upload-UUID"));
        assertThat(answer.header("Range")).isEqualTo("0-0");
    }

    @Test
    void put_withBody_storesIt() {
        String upload = registry.beginUpload("a");

        registry.send("PUT", upload + "?digest=" + DIGEST, BYTES).expect(201);

        assertStored();
        registry.get(upload).expect(404, "BLOB_UPLOAD_UNKNOWN");
    }

    @Test
    void patch_streamed_thenPutWithoutBody_storesIt() {
        String upload = registry.beginUpload("a");
        var streamed = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(BYTES));

        var patched = registry.send("PATCH", upload, streamed).expect(202);

        assertThat(patched.header("Range")).isEqualTo("0-2999999");
        assertThat(registry.get(upload).expect(204).header("Range")).isEqualTo("0-2999999");
        registry.send("PUT", patched.header("Location") + "?digest=" + DIGEST).expect(201);
        assertStored();
    }

    @Test
    void patch_inChunks_andTheLastWithPut_storesIt() {
        String upload = registry.beginUpload("a");

        chunk("PATCH", upload, 0, 1_000_000).expect(202);
        chunk("PATCH", upload, 1_000_000, 2_000_000).expect(202);
        chunk("PUT", upload + "?digest=" + DIGEST, 2_000_000, 3_000_000).expect(201);

        assertStored();
    }

    @Test
    void patch_outOfOrder_is416AndTheUploadGoesOn() {
        String upload = registry.beginUpload("a");
        chunk("PATCH", upload, 0, 1_000_000).expect(202);

        var early = chunk("PATCH", upload, 2_000_000, 3_000_000).expect(416, "BLOB_UPLOAD_INVALID");
        chunk("PATCH", upload, 0, 1_000_000).expect(416, "BLOB_UPLOAD_INVALID");

        assertThat(early.header("Range")).isEqualTo("0-999999");
        assertThat(early.header("Location")).isEqualTo(upload);
        chunk("PATCH", upload, 1_000_000, 3_000_000).expect(202);
        registry.send("PUT", upload + "?digest=" + DIGEST).expect(201);
        assertStored();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes", "5-", "-5", "a-b", "0-99999999999999999999999", "5-0"})
    void patch_withStrangeContentRange_isRefused(String range) {
        String upload = registry.beginUpload("a");

        var answer = registry.send("PATCH", upload, part(BYTES, 0, 10), "Content-Range", range);

        assertThat(answer.status()).isIn(400, 416);
        assertThat(answer.code()).isEqualTo("BLOB_UPLOAD_INVALID");
        assertThat(registry.get(upload).expect(204).header("Range")).isEqualTo("0-0");
    }

    @Test
    void patch_ofOtherLengthThanSaid_isSizeInvalid() {
        String upload = registry.beginUpload("a");

        registry.send("PATCH", upload, part(BYTES, 0, 10), "Content-Range", "0-19").expect(400, "SIZE_INVALID");
    }

    @Test
    void put_withOtherDigest_endsTheUpload() throws Exception {
        String upload = registry.beginUpload("a");

        registry.send("PUT", upload + "?digest=" + OTHER, BYTES).expect(400, "DIGEST_INVALID");

        registry.get(upload).expect(404, "BLOB_UPLOAD_UNKNOWN");
        assertNothingKept();
    }

    @Test
    void put_withoutDigest_isInvalidAndTheUploadGoesOn() {
        String upload = registry.beginUpload("a");

        registry.send("PUT", upload).expect(400, "DIGEST_INVALID");
        registry.send("PUT", upload + "?digest=sha256:1").expect(400, "DIGEST_INVALID");

        registry.get(upload).expect(204);
    }

    @Test
    void delete_throwsTheBytesAway() throws Exception {
        String upload = registry.beginUpload("a");
        chunk("PATCH", upload, 0, 1_000_000).expect(202);

        registry.send("DELETE", upload).expect(204);

        registry.send("DELETE", upload).expect(404, "BLOB_UPLOAD_UNKNOWN");
        assertNothingKept();
    }

    @Test
    void upload_ofAnotherRepositoryOrNone_isUnknown() {
        String id = registry.beginUpload("a").substring("/v2/a/blobs/uploads/".length());

        registry.get("/v2/b/blobs/uploads/" + id).expect(404, "BLOB_UPLOAD_UNKNOWN");
        registry.send("PATCH", "/v2/a/blobs/uploads/none", BYTES).expect(404, "BLOB_UPLOAD_UNKNOWN");
    }

    @Test
    void mount_ofWhatIsHere_isCreated() throws Exception {
        registry.content.ingest(BYTES);

        var answer = registry.send("POST", "/v2/a/blobs/uploads/?mount=" + DIGEST + "&from=b/c").expect(201);

        assertThat(answer.header("Location")).isEqualTo(blob("a", DIGEST));
        registry.send("POST", "/v2/a/blobs/uploads/?mount=" + DIGEST).expect(201);
    }

    @Test
    void mount_ofWhatIsNowhere_beginsAnUpload() {
        var answer = registry.send("POST", "/v2/a/blobs/uploads/?mount=" + DIGEST + "&from=b").expect(202);

        registry.send("PUT", answer.header("Location") + "?digest=" + DIGEST, BYTES).expect(201);
        assertStored();
    }

    @Test
    void halfPost_leavesNothing() throws Exception {
        try (Socket _ = half("POST", "/v2/a/blobs/uploads/?digest=" + DIGEST)) {
            await().until(() -> ingesting().size() == 1);
        }

        await().untilAsserted(this::assertNothingKept);
    }

    @Test
    void halfPatch_canBeTakenUpAgain() throws Exception {
        String upload = registry.beginUpload("a");
        try (Socket _ = half("PATCH", upload)) {
            await().until(() -> Files.size(ingesting().getFirst()) > 0);
        }

        await().until(() -> registry.get(upload).status() == 204);
        int came = 1 + Integer.parseInt(registry.get(upload).header("Range").substring("0-".length()));
        assertThat(came).isBetween(2, HALF);
        chunk("PATCH", upload, came, 3_000_000).expect(202);
        registry.send("PUT", upload + "?digest=" + DIGEST).expect(201);
        assertStored();
    }

    @Test
    void patch_whileAnotherWrites_isRefused() throws Exception {
        String upload = registry.beginUpload("a");
        try (Socket _ = half("PATCH", upload)) {
            await().until(() -> registry.get(upload).status() == 409);

            chunk("PATCH", upload, 0, 10).expect(409, "BLOB_UPLOAD_INVALID");
        }
    }

    @Test
    void begin_whenThereAreTooMany_isRefusedUntilOneEnds() {
        List<String> uploads = Stream.generate(() -> registry.beginUpload("a"))
            .limit(TestRegistryServer.MAX_UPLOADS)
            .toList();

        var refused = registry.send("POST", "/v2/a/blobs/uploads/").expect(429, "TOOMANYREQUESTS");

        assertThat(refused.header("Retry-After")).isEqualTo("5");
        registry.send("DELETE", uploads.getFirst()).expect(204);
        registry.beginUpload("a");
    }

    @Test
    void expire_endsOnlyWhatNobodyTouched() throws Exception {
        String idle = registry.beginUpload("a");
        String used = registry.beginUpload("a");
        registry.advance(TestRegistryServer.IDLE.minusSeconds(1));
        chunk("PATCH", used, 0, 10).expect(202);
        registry.advance(Duration.ofSeconds(2));

        registry.sessions.expire();

        registry.get(idle).expect(404, "BLOB_UPLOAD_UNKNOWN");
        registry.get(used).expect(204);
        assertThat(ingesting()).hasSize(1);
    }

    @Test
    void close_leavesUploadsAndBeginsNoMore() throws Exception {
        String upload = registry.beginUpload("a");
        chunk("PATCH", upload, 0, 1_500_000).expect(202);

        registry.sessions.close();
        registry.send("POST", "/v2/a/blobs/uploads/").expect(503, "UNAVAILABLE");

        registry.close();
        start();
        chunk("PATCH", upload, 1_500_000, 3_000_000).expect(202);
        registry.send("PUT", upload + "?digest=" + DIGEST).expect(201);
        assertStored();
        assertNoUploads();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 500, 2_000_000})
    void kill_leavesWhatWasAnswered(int size) throws Exception {
        String upload = registry.beginUpload("a/b");
        if (size > 0) {
            chunk("PATCH", upload, 0, size).expect(202);
        }
        Path killed = asKilled();
        // What came after the last answer is not believed.
        Path data = killed.resolve("content/uploads/" + id(upload) + "/data");
        Files.write(data, new byte[10], StandardOpenOption.CREATE, StandardOpenOption.APPEND);

        try (TestRegistryServer next = new TestRegistryServer(killed)) {
            var status = next.get(upload).expect(204);
            assertThat(status.header("Range")).isEqualTo("0-" + Math.max(0, size - 1));
            next.send("PUT", upload + "?digest=" + DIGEST, part(BYTES, size, 3_000_000), "Content-Range",
                    size + "-2999999")
                .expect(201);
            assertThat(next.get(blob("a/b", DIGEST)).expect(200).response().body()).isEqualTo(BYTES);
        }
    }

    @Test
    void kill_thenLostBytes_meansAnotherBeginning() throws Exception {
        String upload = registry.beginUpload("a");
        chunk("PATCH", upload, 0, 500).expect(202);
        String damaged = registry.beginUpload("a");
        Path killed = asKilled();
        Files.write(killed.resolve("content/uploads/" + id(upload) + "/data"), new byte[499]);
        Files.writeString(killed.resolve("content/uploads/" + id(damaged) + "/state"), "?");

        try (TestRegistryServer next = new TestRegistryServer(killed)) {
            next.get(upload).expect(404, "BLOB_UPLOAD_UNKNOWN");
            next.get(damaged).expect(404, "BLOB_UPLOAD_UNKNOWN");
            assertThat(next.sessions.space().taken()).isZero();
            assertThat(SmallFiles.names(next.uploads())).containsExactly("writing");
        }
    }

    @Test
    void start_endsWhatRestedForTooLong() throws Exception {
        String upload = registry.beginUpload("a");
        chunk("PATCH", upload, 0, 10).expect(202);
        Path killed = asKilled();
        Path state = killed.resolve("content/uploads/" + id(upload) + "/state");
        Files.writeString(state, Files.readString(state).replaceFirst("[0-9]+\n$", "1000000000\n"));

        try (TestRegistryServer next = new TestRegistryServer(killed)) {
            next.get(upload).expect(404, "BLOB_UPLOAD_UNKNOWN");
            assertThat(SmallFiles.names(next.uploads())).containsExactly("writing");
        }
    }

    @Test
    void uploads_ofMoreBytesThanThereIsSpace_areRefused() {
        String first = registry.beginUpload("a");
        registry.send("PATCH", first, new byte[5 << 20]).expect(202);
        String second = registry.beginUpload("a");

        var refused = registry.send("PATCH", second, new byte[4 << 20]).expect(429, "TOOMANYREQUESTS");

        assertThat(refused.header("Retry-After")).isEqualTo("5");
        registry.get(second).expect(404, "BLOB_UPLOAD_UNKNOWN");
        registry.send("DELETE", first).expect(204);
        registry.send("PATCH", registry.beginUpload("a"), new byte[9 << 20]).expect(413, "SIZE_INVALID");
        registry.send("POST", "/v2/a/blobs/uploads/?digest=" + OTHER, new byte[9 << 20]).expect(413, "SIZE_INVALID");
        assertThat(registry.sessions.space().taken()).isZero();
    }

    @Test
    void upload_ofOneBlobByMany_succeedsForAll() throws Exception {
        byte[] bytes = bytes(1_000_000);
        Digest digest = Digest.sha256(bytes);
        Callable<Integer> inChunks = () -> {
            String upload = registry.beginUpload("a");
            registry.send("PATCH", upload, part(bytes, 0, 400_000)).expect(202);
            return registry.send("PUT", upload + "?digest=" + digest, part(bytes, 400_000, 1_000_000)).status();
        };
        Callable<Integer> whole = () -> registry.send("POST", "/v2/b/blobs/uploads/?digest=" + digest, bytes).status();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Integer> status : threads
                .invokeAll(List.of(inChunks, whole, inChunks, whole, inChunks, whole, inChunks))) {
                assertThat(status.get()).isEqualTo(201);
            }
        }
        assertThat(registry.get(blob("a", digest)).expect(200).response().body()).isEqualTo(bytes);
        List<Digest> blobs = new ArrayList<>();
        registry.content.forEach(found -> blobs.add(found.digest()));
        assertThat(blobs).containsExactly(digest);
        assertNoUploads();
    }

    @Test
    void post_withDigestAlgorithm_hashesByIt() {
        Digest sha512 = new Digest("sha512", "0".repeat(128)).ofSame(BYTES);
        String upload = registry.send("POST", "/v2/a/blobs/uploads/?digest-algorithm=sha512")
            .expect(202)
            .header("Location");

        registry.send("PUT", upload + "?digest=" + sha512, BYTES).expect(201);

        registry.send("POST", "/v2/a/blobs/uploads/?digest-algorithm=md5").expect(400, "DIGEST_INVALID");
    }

    private void assertNoUploads() throws IOException {
        assertThat(ingesting()).isEmpty();
        assertThat(SmallFiles.names(registry.uploads())).containsExactly("writing");
        assertThat(registry.sessions.space().taken()).isZero();
    }

    private static String id(String upload) {
        return upload.substring(upload.lastIndexOf('/') + 1);
    }

    /** The registry's folder as a process leaves it that is killed now. */
    private Path asKilled() throws IOException {
        Path killed = folder.resolve("killed");
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(f -> !f.startsWith(killed)).toList()) {
                Path copy = killed.resolve(folder.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy);
                }
            }
        }
        return killed;
    }

    private TestRegistryServer.Answer chunk(String method, String path, int from, int to) {
        return registry.send(method, path, part(BYTES, from, to), "Content-Range", from + "-" + (to - 1));
    }

    /** A request with the first bytes of three million. */
    private Socket half(String method, String path) throws IOException {
        Socket socket = registry.raw(method + " " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n");
        socket.getOutputStream().write(BYTES, 0, HALF);
        socket.getOutputStream().flush();
        return socket;
    }

    private void assertStored() {
        assertThat(registry.get(blob("a", DIGEST)).expect(200).response().body()).isEqualTo(BYTES);
    }

    private void assertNothingKept() throws IOException {
        assertThat(ingesting()).isEmpty();
        registry.content.forEach(blob -> assertThat(blob).isNull());
    }

    /** The files of blobs being written. */
    private List<Path> ingesting() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("content"))) {
            return files.filter(Files::isRegularFile)
                .filter(f -> f.toString().contains("/ingest/") && !f.endsWith("lock") || f.endsWith("data"))
                .toList();
        }
    }
}
