package dev.kiln.api.http;

import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Actions behind a real server. */
@Timeout(60)
class HttpTest {
    private final Vertx vertx = Vertx.vertx();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Router router = Router.router(vertx);
    private final Actions actions = new Actions(threads, new Problems(_ -> Optional.empty(), () -> "77"));
    private int port;

    @BeforeEach
    void start() {
        Actions.prepare(router, Duration.ofSeconds(3));
        port = vertx.createHttpServer()
            .requestHandler(Problems.guard(router))
            .listen(0, "127.0.0.1")
            .await()
            .actualPort();
    }

    @AfterEach
    void stop() {
        client.shutdownNow();
        vertx.close().await();
        threads.shutdownNow();
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).timeout(Duration.ofSeconds(20));
    }

    private String raw(String request) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void body_thatDoesNotCome_is408() throws Exception {
        router.post("/").handler(actions.run(call -> Reply.of(200).text("" + call.body().readAllBytes().length)));
        assertThat(raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")).startsWith("HTTP/1.1 408")
            .contains("urn:kiln:problem:body-timeout");
    }

    @Test
    void body_isHeldBackUntilItIsRead() throws Exception {
        CompletableFuture<Void> go = new CompletableFuture<>();
        AtomicLong sent = new AtomicLong();
        router.post("/").handler(actions.run(call -> {
            go.get();
            return Reply.of(200).text("" + call.body().transferTo(java.io.OutputStream.nullOutputStream()));
        }));
        long size = 64 << 20;
        CompletableFuture<HttpResponse<String>> response = client.sendAsync(
                request("/").POST(BodyPublishers.ofInputStream(() -> new InputStream() {
                    @Override
                    public int read() {
                        return sent.incrementAndGet() <= size ? 1 : -1;
                    }

                    @Override
                    public int read(byte[] into, int offset, int length) {
                        long left = size - sent.get();
                        int count = (int) Math.min(left, length);
                        sent.addAndGet(Math.max(0, count));
                        return left <= 0 ? -1 : count;
                    }
                })).build(), BodyHandlers.ofString());
        await().atMost(Duration.ofSeconds(10)).until(() -> sent.get() > 0);
        long[] last = {-1};
        await().pollInterval(Duration.ofMillis(200)).until(() -> last[0] == (last[0] = sent.get()));
        assertThat(sent.get()).isLessThan(size / 2);
        go.complete(null);
        assertThat(response.get(30, TimeUnit.SECONDS).body()).isEqualTo("" + size);
    }

    @Test
    void writer_isHeldBackByItsReader() throws Exception {
        AtomicLong written = new AtomicLong();
        CompletableFuture<Void> gone = new CompletableFuture<>();
        router.get("/").handler(actions.run(_ -> Reply.of(200).body("x/y", new Reply.Body.Stream(-1, out -> {
            out.onGone(() -> gone.complete(null));
            while (true) {
                out.write(new byte[64 << 10]);
                written.addAndGet(64 << 10);
            }
        }))));
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            await().until(() -> written.get() > 0);
            long[] last = {-1};
            await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> last[0] == (last[0] = written.get()));
            assertThat(written.get()).isLessThan(64 << 20);
        }
        gone.get(20, TimeUnit.SECONDS);
    }

    @Test
    void stream_thatFails_breaksTheConnection() throws Exception {
        router.get("/").handler(actions.run(_ -> Reply.of(200).body("x/y", new Reply.Body.Stream(-1, out -> {
            out.write(new byte[]{'a', 'b'});
            throw new IllegalStateException("boom");
        }))));
        assertThat(raw("GET / HTTP/1.1\r\nHost: x\r\n\r\n")).contains("ab")
            .doesNotEndWith("0\r\n\r\n")
            .doesNotContain("boom");
    }

    @Test
    void stream_shorterThanPromised_breaksTheConnection() throws Exception {
        router.get("/")
            .handler(actions.run(_ -> Reply.of(200)
                .body("x/y", new Reply.Body.Stream(10,
                        out -> out.write(new byte[]{'a', 'b'})))));
        assertThat(raw("GET / HTTP/1.1\r\nHost: x\r\n\r\n")).endsWith("ab");
    }

    @Test
    void failure_nobodyForesaw_hasAnIdAndNoTrace() throws Exception {
        router.get("/")
            .handler(actions.run(_ -> {
                throw new StackOverflowError("deep inside");
            }));
        HttpResponse<String> response = send(request("/"));
        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(response.body()).contains("urn:kiln:failure:77").doesNotContain("deep inside");
    }

    @Test
    void query_isStrict() throws Exception {
        router.get("/").handler(actions.run(call -> {
            Query query = call.query("n", "f", "d");
            return Reply.of(200).text(query.number("n", 1, 5) + " " + query.flag("f") + " " + query.decimal("d"));
        }));
        assertThat(send(request("/?n=3&f&d=1.5")).body())
            .isEqualTo("OptionalLong[3] true OptionalDouble[1.5]");
        for (String query : List.of("?m=1", "?n=0", "?n=6", "?n=x", "?n=1&n=2", "?f=2", "?d=x", "?" + "a".repeat(500),
                "?n=99999999999999999999")) {
            HttpResponse<String> response = send(request("/" + query));
            assertThat(response.statusCode()).as(query).isEqualTo(400);
            assertThat(response.body()).as(query).contains("\"field\":").hasSizeLessThan(600);
        }
    }

    @Test
    void range_isReadAsRfc9110SaysIt() throws Exception {
        router.get("/")
            .handler(actions.run(call -> Reply.of(200)
                .text(
                        ByteRange.of(call, 100).map(ByteRange::contentRange).orElse("whole"))));
        assertThat(range("bytes=0-0")).isEqualTo("bytes 0-0/100");
        assertThat(range("bytes=10-")).isEqualTo("bytes 10-99/100");
        assertThat(range("bytes=10-200")).isEqualTo("bytes 10-99/100");
        assertThat(range("bytes=-7")).isEqualTo("bytes 93-99/100");
        assertThat(range("bytes=-700")).isEqualTo("bytes 0-99/100");
        for (String ignored : List.of("bytes=5-4", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=1-2,4-5",
                "bytes=99999999999999999999-")) {
            assertThat(range(ignored)).as(ignored).isEqualTo("whole");
        }
        assertThat(range("bytes=100-")).contains("urn:kiln:problem:range").contains("\"size\":100");
        assertThat(range("bytes=-0")).contains("urn:kiln:problem:range");
    }

    private String range(String header) throws Exception {
        return send(request("/").header("Range", header)).body();
    }

    @Test
    void headers_givenTwice_areRefused() throws Exception {
        router.get("/").handler(actions.run(call -> Reply.of(200).text(call.header("Range").orElse(""))));
        assertThat(raw("GET / HTTP/1.1\r\nHost: x\r\nRange: a\r\nRange: b\r\nConnection: close\r\n\r\n"))
            .startsWith("HTTP/1.1 400");
    }
}
