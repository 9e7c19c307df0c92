package dev.kiln.layercache.registry;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import com.sun.net.httpserver.HttpExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.content.InMemoryContentStore;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.registry.RegistryException.Code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Transfers that break go on where they were. */
@Timeout(60)
class RegistryResumeTest {
    private static final byte[] BIG = RegistryFixture.random(5_000_000);
    private final TestRegistry registry = new TestRegistry();
    private final RegistryFixture fixture = new RegistryFixture(registry.address());
    private final Repository app = fixture.repository("team/app");
    private final InMemoryContentStore local = new InMemoryContentStore();

    @AfterEach
    void close() {
        fixture.close();
        registry.close();
    }

    /** Sends so many bytes of each of the next answers that have a blob, from where it was asked for. */
    private void breakDownloads(int times, int after, boolean ranges) {
        AtomicInteger left = new AtomicInteger(times);
        registry.add(exchange -> {
            if (!exchange.getRequestMethod().equals("GET") || left.getAndDecrement() <= 0) {
                return false;
            }
            int from = ranges ? start(exchange) : 0;
            if (from > 0) {
                exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (BIG.length - 1) + "/" + BIG.length);
            }
            exchange.sendResponseHeaders(from > 0 ? 206 : 200, BIG.length - from);
            exchange.getResponseBody().write(BIG, from, Math.min(after, BIG.length - from));
            throw new IOException("the registry falls over");
        });
    }

    private static int start(HttpExchange exchange) {
        String range = exchange.getRequestHeaders().getFirst("Range");
        return range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
    }

    private List<String> requests(String method) {
        return registry.requests().stream().filter(r -> r.startsWith(method + " ")).toList();
    }

    private Descriptor remote() {
        return Descriptor.of("x", registry.putBlob(BIG), BIG.length);
    }

    private Descriptor here() throws IOException {
        return Descriptor.of("x", local.ingest(BIG), BIG.length);
    }

    @Test
    void pull_breaksMoreOftenThanThereAreTries_comesWholeBecauseEachBringsItForward() throws Exception {
        Descriptor blob = remote();
        breakDownloads(6, 800_000, true);
        app.pull(blob, local);
        assertThat(local.open(blob.digest()).readAllBytes()).isEqualTo(BIG);
        assertThat(fixture.pauses).hasSize(6);
    }

    @Test
    void open_breaksUnderAReader_goesOnWithTheNextByte() throws Exception {
        Descriptor blob = remote();
        try (InputStream in = app.open(blob.digest())) {
            assertThat(in.readNBytes(10)).hasSize(10);
        }
        breakDownloads(1, 1_000_000, true);
        assertThat(app.open(blob.digest()).readAllBytes()).isEqualTo(BIG);
        breakDownloads(1, 0, true);
        assertThat(app.open(blob.digest(), 4_000_000).readAllBytes()).hasSize(1_000_000);
    }

    @Test
    void pull_registryWithoutRanges_isReadUpToWhereItWas() throws Exception {
        Descriptor blob = remote();
        breakDownloads(1, 1_000_000, true);
        breakDownloads(1, 2_000_000, false);
        registry.add(exchange -> {
            if (!exchange.getRequestMethod().equals("GET")) {
                return false;
            }
            exchange.sendResponseHeaders(200, BIG.length);
            exchange.getResponseBody().write(BIG);
            return true;
        });
        app.pull(blob, local);
        assertThat(local.open(blob.digest()).readAllBytes()).isEqualTo(BIG);
    }

    @Test
    void pull_otherPartThanAskedFor_isRefused() {
        Descriptor blob = remote();
        breakDownloads(1, 1_000_000, true);
        registry.add(exchange -> {
            exchange.getResponseHeaders().set("Content-Range", "bytes 5-" + (BIG.length - 1) + "/" + BIG.length);
            exchange.sendResponseHeaders(206, BIG.length - 5);
            exchange.getResponseBody().write(BIG, 5, BIG.length - 5);
            return true;
        });
        assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> app.pull(blob, local))
            .withMessageContaining("another part than the one from byte")
            .matches(e -> e.code() == Code.PROTOCOL);
        assertThat(local.size(blob.digest())).isEmpty();
    }

    @Test
    void pull_restIsOfAnotherBlob_isFoundByTheDigestOfTheWhole() {
        Descriptor blob = remote();
        byte[] other = new byte[BIG.length];
        registry.add(exchange -> {
            int from = start(exchange);
            if (!exchange.getRequestMethod().equals("GET") || from == 0) {
                return false;
            }
            exchange.getResponseHeaders()
                .set("Content-Range", "bytes " + from + "-" + (BIG.length - 1) + "/" + BIG.length);
            exchange.sendResponseHeaders(206, BIG.length - from);
            exchange.getResponseBody().write(other, from, BIG.length - from);
            return true;
        });
        registry.add(exchange -> {
            if (!exchange.getRequestMethod().equals("GET")) {
                return false;
            }
            exchange.sendResponseHeaders(200, BIG.length);
            exchange.getResponseBody().write(BIG, 0, 1_000_000);
            throw new IOException("the registry falls over");
        });
        assertThatExceptionOfType(ContentException.class).isThrownBy(() -> app.pull(blob, local))
            .matches(e -> e.code() == ContentException.Code.DIGEST_MISMATCH);
        assertThat(requests("GET")).hasSizeLessThan(20);
    }

    @Test
    void push_breaks_goesOnInChunksWithWhatArrived() throws Exception {
        registry.breakUploads(1, "PUT", 2_000_000);
        assertThat(app.push(here(), local)).isTrue();
        assertThat(registry.blob(here().digest())).contains(BIG);
        assertThat(requests("POST")).hasSize(1);
        assertThat(requests("PATCH")).hasSize(3);
    }

    @Test
    void push_chunksBreakToo_eachAddsToWhatArrived() throws Exception {
        registry.breakUploads(1, "PUT", 1_000_000);
        registry.breakUploads(5, "PATCH", 700_000);
        assertThat(app.push(here(), local)).isTrue();
        assertThat(registry.blob(here().digest())).contains(BIG);
        assertThat(requests("POST")).hasSize(1);
        assertThat(fixture.pauses).hasSize(6);
    }

    @Test
    void push_registryLostTheUpload_beginsAnew() throws Exception {
        registry.add(exchange -> {
            if (exchange.getRequestMethod().equals("GET")) {
                registry.forgetUploads();
            }
            return false;
        });
        registry.breakUploads(1, "PUT", 1_000_000);
        assertThat(app.push(here(), local)).isTrue();
        assertThat(registry.blob(here().digest())).contains(BIG);
        assertThat(requests("POST")).hasSize(2);
        assertThat(requests("PATCH")).hasSize(5);
    }

    @Test
    void push_registryTakesNoChunks_getsItInOnePiece() throws Exception {
        registry.breakUploads(1, "PUT", 0);
        registry.fail(1, "PATCH", "/blobs/uploads/", 405, Map.of());
        assertThat(app.push(here(), local)).isTrue();
        assertThat(registry.blob(here().digest())).contains(BIG);
        assertThat(requests("PATCH")).hasSize(1);
        assertThat(requests("PUT")).hasSize(2);
    }

    @Test
    void push_smallestChunkOfTheRegistry_isObeyed() throws Exception {
        registry.chunksFrom(3_000_000);
        registry.breakUploads(1, "PUT", 1_000_000);
        assertThat(app.push(here(), local)).isTrue();
        assertThat(requests("PATCH")).hasSize(2);
    }

    @Test
    void push_chunkOutOfOrder_asksWhereItIs() throws Exception {
        registry.breakUploads(1, "PUT", 1_000_000);
        registry.fail(1, "PATCH", "/blobs/uploads/", 416, Map.of());
        assertThat(app.push(here(), local)).isTrue();
        assertThat(requests("POST")).hasSize(1);
        assertThat(requests("GET")).hasSize(2);
    }

    @Test
    void push_registryHadItWhenItsAnswerWasLost_isDone() throws Exception {
        registry.add(exchange -> {
            if (!exchange.getRequestMethod().equals("PUT")) {
                return false;
            }
            registry.putBlob(exchange.getRequestBody().readAllBytes());
            registry.forgetUploads();
            throw new IOException("the registry falls over");
        });
        assertThat(app.push(here(), local)).isTrue();
        assertThat(requests("PUT")).hasSize(1);
    }

    @Test
    void push_breaksForever_ends() throws Exception {
        registry.breakUploads(Integer.MAX_VALUE, "PUT", 0);
        registry.breakUploads(Integer.MAX_VALUE, "PATCH", 0);
        Descriptor blob = here();
        assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> app.push(blob, local))
            .matches(e -> e.code() == Code.UNAVAILABLE);
        assertThat(fixture.pauses).hasSize(2);
    }

    @Test
    void push_registryThatForgetsAndBreaksAtTheSamePlace_isGivenUp() throws Exception {
        registry.breakUploads(1, "PUT", 1_000_000);
        AtomicInteger chunks = new AtomicInteger();
        registry.add(exchange -> {
            if (exchange.getRequestMethod().equals("GET")) {
                registry.forgetUploads();
            }
            if (exchange.getRequestMethod().equals("PATCH") && chunks.incrementAndGet() % 3 == 0) {
                throw new IOException("the registry falls over");
            }
            return false;
        });
        Descriptor blob = here();
        assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> app.push(blob, local))
            .matches(e -> e.code() == Code.UNAVAILABLE);
        assertThat(requests("PATCH")).hasSizeLessThan(15);
    }
}
