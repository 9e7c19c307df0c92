package dev.kiln.executor.source;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.source.ContextException.Code;
import dev.kiln.layercache.content.InMemoryContentStore;
import dev.kiln.layercache.layer.ContextWriter;
import dev.kiln.layercache.layer.Owners;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.job.ContextRef;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ContextFetcherTest {
    private final RegistryFixture fixture = new RegistryFixture();
    private final InMemoryContentStore content = new InMemoryContentStore();
    @TempDir
    Path directory;
    private ContextFetcher fetcher;

    @BeforeEach
    void start() throws IOException {
        fetcher = new ContextFetcher(content, fixture.client.repository(fixture.reference("contexts")), Owners.DROP,
                directory.resolve("contexts"), 2, 1 << 20);
    }

    @AfterEach
    void close() {
        fetcher.close();
        fixture.close();
    }

    private static byte[] tar(String... namesAndTexts) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ContextWriter writer = new ContextWriter(out);
        for (int i = 0; i < namesAndTexts.length; i += 2) {
            byte[] text = namesAndTexts[i + 1].getBytes(StandardCharsets.UTF_8);
            writer.file(namesAndTexts[i], 0644, Instant.EPOCH, text.length, new ByteArrayInputStream(text));
        }
        writer.finish();
        return out.toByteArray();
    }

    private static ContextRef uploaded(byte[] archive) {
        return new ContextRef.Uploaded(Digest.sha256(archive), archive.length);
    }

    @Test
    void fetch_archiveIsHere_unpacksItWithoutTheRegistry() throws Exception {
        byte[] archive = tar("Dockerfile", "FROM scratch", ".dockerignore", "a", "a", "ignored?");
        content.ingest(archive);

        try (UnpackedContext context = fetcher.fetch(uploaded(archive));
                UnpackedContext again = fetcher.open(Digest.sha256(archive))) {
            assertThat(context.dockerfile("Dockerfile")).asString().isEqualTo("FROM scratch");
            assertThat(context.root().resolve("a")).as("an archive is taken as it is").hasContent("ignored?");
            assertThat(again.root()).isEqualTo(context.root());
        }
        assertThat(fixture.registry.requests()).isEmpty();
    }

    @Test
    void fetch_archiveIsInTheFarm_bringsItIn() throws Exception {
        byte[] archive = tar("Dockerfile", "FROM scratch");
        fixture.registry.putBlob(archive);
        fixture.registry.fail(2, "GET", "/v2/contexts/blobs/", 503, Map.of());

        try (UnpackedContext context = fetcher.fetch(uploaded(archive))) {
            assertThat(context.root().resolve("Dockerfile")).hasContent("FROM scratch");
        }
        assertThat(content.size(Digest.sha256(archive))).hasValue(archive.length);
    }

    @Test
    void open_sizeUnknown_asksTheFarmForIt() throws Exception {
        byte[] archive = tar("f", "x");
        fixture.registry.putBlob(archive);

        try (UnpackedContext context = fetcher.open(Digest.sha256(archive))) {
            assertThat(context.root().resolve("f")).hasContent("x");
        }
    }

    @Test
    void fetch_nowhere_isNotFound() throws Exception {
        refused(uploaded(tar("f", "x")), Code.NOT_FOUND, false, "contexts");
        assertThatThrownBy(() -> fetcher.open(Digest.sha256(new byte[0]))).isInstanceOfSatisfying(
                ContextException.class, e -> assertThat(e.code()).isEqualTo(Code.NOT_FOUND));
    }

    @Test
    void fetch_farmInTrouble_isRetryable() throws Exception {
        byte[] archive = tar("f", "x");
        fixture.registry.putBlob(archive);
        fixture.registry.fail(99, "GET", "/v2/contexts/blobs/", 503, Map.of());

        refused(uploaded(archive), Code.UNAVAILABLE, true, "503");
    }

    @Test
    void fetch_otherSize_isRefused() throws Exception {
        byte[] archive = tar("f", "x");
        fixture.registry.putBlob(archive);

        refused(new ContextRef.Uploaded(Digest.sha256(archive), archive.length + 1), Code.REFUSED, false, "");
        assertThat(content.size(Digest.sha256(archive))).isEmpty();
    }

    @Test
    void fetch_hostileOrNoArchive_isRefusedAndLeavesNothing() throws Exception {
        byte[] leadsOut = tar("in", "x", "../out", "y");
        byte[] noTar = "this is no tar".getBytes(StandardCharsets.UTF_8);
        content.ingest(leadsOut);
        content.ingest(noTar);

        refused(uploaded(leadsOut), Code.REFUSED, false, "..");
        refused(uploaded(noTar), Code.REFUSED, false, "");
        try (Stream<Path> left = Files.walk(directory)) {
            assertThat(left.filter(Files::isRegularFile)).isEmpty();
        }
    }

    @Test
    void dockerfile_missing_saysWhere() throws Exception {
        byte[] archive = tar("f", "x");
        content.ingest(archive);

        try (UnpackedContext context = fetcher.fetch(uploaded(archive))) {
            for (String path : new String[]{"docker/Dockerfile", "nul\0", "x".repeat(5000)}) {
                assertThatThrownBy(() -> context.dockerfile(path)).isInstanceOfSatisfying(ContextException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.NO_DOCKERFILE));
            }
        }
    }

    private void refused(ContextRef context, Code code, boolean retryable, String words) {
        assertThatThrownBy(() -> fetcher.fetch(context)).isInstanceOfSatisfying(ContextException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.retryable()).isEqualTo(retryable);
        }).hasMessageContaining(words);
    }
}
