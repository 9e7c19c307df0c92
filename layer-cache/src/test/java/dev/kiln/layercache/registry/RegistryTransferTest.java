package dev.kiln.layercache.registry;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.content.InMemoryContentStore;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.registry.RegistryException.Code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Transfers that break, stall, are interrupted, or fail on this side. */
@Timeout(60)
class RegistryTransferTest {
    private static final byte[] BIG = random(5_000_000);
    private final TestRegistry registry = new TestRegistry();
    private final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());
    private final InMemoryContentStore local = new InMemoryContentStore();
    private final CountDownLatch released = new CountDownLatch(1);
    private RegistryClient client = client(registry.address(), Duration.ofSeconds(30));

    private RegistryClient client(URI farm, Duration patience) {
        RetryPolicy retries = new RetryPolicy(3, Duration.ofSeconds(1), Duration.ofSeconds(60), new Random(1),
                pauses::add);
        return new RegistryClient(new RegistrySettings(farm, Set.of()), Keychain.anonymous(), retries,
                InstantSource.fixed(Instant.EPOCH), new RegistryClient.Pace(patience, 1 << 20));
    }

    @AfterEach
    void close() {
        released.countDown();
        client.close();
        registry.close();
    }

    private Repository app() {
        return client.repository(ImageReference.parse("team/app"));
    }

    @Test
    void pushAndPull_bigBlob_arrivesWhole() throws Exception {
        Descriptor blob = Descriptor.of("x", local.ingest(BIG), BIG.length);
        assertThat(app().push(blob, local)).isTrue();
        local.delete(blob.digest());
        app().pull(blob, local);
        assertThat(local.open(blob.digest()).readAllBytes()).isEqualTo(BIG);
        assertThat(app().size(blob.digest())).hasValue(BIG.length);
    }

    @Test
    void push_emptyBlob_arrives() throws Exception {
        Descriptor blob = Descriptor.of("x", local.ingest(new byte[0]), 0);
        assertThat(app().push(blob, local)).isTrue();
        assertThat(registry.blob(blob.digest())).isPresent();
    }

    @Test
    void pull_connectionBreaksMidway_isTriedAgain() throws Exception {
        Descriptor blob = Descriptor.of("x", registry.putBlob(BIG), BIG.length);
        AtomicInteger breaks = new AtomicInteger(2);
        registry.add(exchange -> {
            if (breaks.getAndDecrement() <= 0) {
                return false;
            }
            exchange.sendResponseHeaders(200, BIG.length);
            exchange.getResponseBody().write(BIG, 0, 1_000_000);
            throw new IOException("the registry falls over");
        });
        app().pull(blob, local);
        assertThat(local.size(blob.digest())).hasValue(BIG.length);
        assertThat(pauses).hasSize(2);
    }

    @Test
    void pull_connectionAlwaysBreaks_saysWhoBrokeIt() {
        registry.add(exchange -> {
            exchange.sendResponseHeaders(200, BIG.length);
            exchange.getResponseBody().write(BIG, 0, 100_000);
            throw new IOException("the registry falls over");
        });
        assertThatExceptionOfType(RegistryException.class)
            .isThrownBy(() -> app().pull(Descriptor.of("x", Digest.sha256(BIG), BIG.length), local))
            .withMessageContaining("the registry " + registry.host() + " broke the connection")
            .matches(e -> e.code() == Code.UNAVAILABLE && e.retryable());
    }

    @Test
    void send_connectionReset_isTriedAgain() throws Exception {
        try (ServerSocket rude = new ServerSocket(0)) {
            serve(rude, socket -> socket.setSoLinger(true, 0));
            Repository there = client
                .repository(ImageReference.parse("127.0.0.1:" + rude.getLocalPort() + "/x"));
            assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> there.manifest("1"))
                .matches(e -> e.code() == Code.UNAVAILABLE);
        }
        assertThat(pauses).hasSize(2);
    }

    @Test
    void pull_registryGoesSilent_endsAsUnavailable() {
        client.close();
        client = client(registry.address(), Duration.ofMillis(50));
        registry.add(exchange -> {
            exchange.sendResponseHeaders(200, BIG.length);
            exchange.getResponseBody().write(BIG, 0, 100_000);
            exchange.getResponseBody().flush();
            await(released);
            return true;
        });
        assertThatExceptionOfType(RegistryException.class)
            .isThrownBy(() -> app().pull(Descriptor.of("x", Digest.sha256(BIG), BIG.length), local))
            .withMessageContaining("sent nothing for")
            .matches(RegistryException::retryable);
    }

    @Test
    void pull_interrupted_ends() throws Exception {
        CountDownLatch under = new CountDownLatch(1);
        registry.add(exchange -> {
            exchange.sendResponseHeaders(200, BIG.length);
            exchange.getResponseBody().write(BIG, 0, 100_000);
            exchange.getResponseBody().flush();
            under.countDown();
            await(released);
            return true;
        });
        Throwable failure = interrupted(under,
                () -> app().pull(Descriptor.of("x", Digest.sha256(BIG), BIG.length), local));
        assertThat(failure).isInstanceOfAny(InterruptedException.class, InterruptedIOException.class);
        assertThat(pauses).isEmpty();
    }

    @Test
    void push_interrupted_ends() throws Exception {
        CountDownLatch under = new CountDownLatch(1);
        registry.add(exchange -> {
            if (!exchange.getRequestMethod().equals("PUT")) {
                return false;
            }
            under.countDown();
            await(released);
            return true;
        });
        Descriptor blob = Descriptor.of("x", local.ingest(BIG), BIG.length);
        Throwable failure = interrupted(under, () -> app().push(blob, local));
        assertThat(failure).isInstanceOfAny(InterruptedException.class, InterruptedIOException.class);
    }

    @Test
    void push_localBlobDamaged_isThatFailureAndNotTriedAgain() {
        BlobReader damaged = reader(BIG, () -> new FilterInputStream(new ByteArrayInputStream(BIG)) {
            private int reads;

            @Override
            public int read(byte[] b, int off, int len) throws IOException {
                if (++reads > 10) {
                    throw new ContentException(ContentException.Code.DIGEST_MISMATCH, "damaged on disk");
                }
                return super.read(b, off, len);
            }
        });
        assertThatExceptionOfType(ContentException.class)
            .isThrownBy(() -> app().push(Descriptor.of("x", BIG), damaged))
            .withMessage("damaged on disk");
        assertThat(pauses).isEmpty();
    }

    @Test
    void push_localBlobAbsent_isThatFailure() {
        assertThatExceptionOfType(ContentException.class)
            .isThrownBy(() -> app().push(Descriptor.of("x", BIG), local))
            .matches(e -> e.code() == ContentException.Code.NOT_FOUND);
        assertThat(pauses).isEmpty();
    }

    @Test
    void push_localBlobTooShort_isThatFailure() {
        BlobReader tooShort = reader(BIG, () -> new ByteArrayInputStream(BIG, 0, 1_000_000));
        assertThatExceptionOfType(ContentException.class)
            .isThrownBy(() -> app().push(Descriptor.of("x", BIG), tooShort))
            .matches(e -> e.code() == ContentException.Code.SIZE_MISMATCH);
        assertThat(pauses).isEmpty();
    }

    @Test
    void push_smallBlobFailsOnce_beginsAnew() throws Exception {
        registry.fail(1, "PUT", "/blobs/uploads/", 500, Map.of());
        Descriptor blob = Descriptor.of("x", local.ingest(new byte[]{1, 2, 3}), 3);
        assertThat(app().push(blob, local)).isTrue();
        assertThat(registry.requests()).filteredOn(r -> r.startsWith("POST ")).hasSize(2);
        assertThat(registry.requests()).noneMatch(r -> r.startsWith("PATCH "));
        assertThat(pauses).hasSize(1);
    }

    @Test
    void send_tlsToAPlainServer_isNotTriedAgainAndSaysWhatToDo() throws Exception {
        try (ServerSocket plain = new ServerSocket(0)) {
            serve(plain, socket -> {
                assertThat(socket.getInputStream().read()).isPositive();
                socket.getOutputStream().write("HTTP/1.0 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            });
            client.close();
            client = client(URI.create("https://127.0.0.1:" + plain.getLocalPort()), Duration.ofSeconds(30));
            assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> app().manifest("1"))
                .withMessageContaining("plain HTTP")
                .matches(e -> e.code() == Code.PROTOCOL && !e.retryable());
        }
        assertThat(pauses).isEmpty();
    }

    private interface Answer {
        void to(Socket socket) throws IOException;
    }

    private static void serve(ServerSocket server, Answer answer) {
        Thread.startVirtualThread(() -> {
            while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                    answer.to(socket);
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    private interface Interruptible {
        void run() throws Exception;
    }

    /** What a transfer ended with after its thread was interrupted when {@code under} way. */
    private static Throwable interrupted(CountDownLatch under, Interruptible transfer) throws Exception {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread thread = Thread.startVirtualThread(() -> {
            try {
                transfer.run();
            } catch (Exception e) {
                failure.set(e);
            }
        });
        under.await();
        thread.interrupt();
        thread.join();
        return failure.get();
    }

    private static BlobReader reader(byte[] content, Supplier<InputStream> streams) {
        return new BlobReader() {
            @Override
            public OptionalLong size(Digest digest) {
                return OptionalLong.of(content.length);
            }

            @Override
            public InputStream open(Digest digest, long offset) {
                return streams.get();
            }
        };
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(7).nextBytes(bytes);
        return bytes;
    }
}
