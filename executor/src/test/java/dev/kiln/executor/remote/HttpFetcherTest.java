package dev.kiln.executor.remote;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

import com.sun.net.httpserver.HttpExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.executor.remote.FetchException.Code;
import dev.kiln.layercache.content.DiskContentStore;
import dev.kiln.layercache.oci.Digest;

import static dev.kiln.executor.remote.GitFetcherTest.secret;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class HttpFetcherTest {
    private static final byte[] CONTENT = "content\n".getBytes(UTF_8);
    private static final RemotePolicy LOCAL = RemotePolicy.allowing(List.of("127.0.0.1"));

    @TempDir
    Path temp;

    private HttpFixture server;
    private DiskContentStore content;
    private RemoteSources sources;

    @BeforeEach
    void open() throws IOException {
        server = new HttpFixture();
        content = DiskContentStore.open(temp.resolve("content"));
        sources = RemoteSources.open(temp.resolve("remote"), LOCAL, content, InstantSource.system());
    }

    private void reopen(RemotePolicy policy) throws IOException {
        sources.close();
        sources = RemoteSources.open(temp.resolve("remote"), policy, content, InstantSource.system());
    }

    @AfterEach
    void close() throws IOException {
        sources.close();
        content.close();
        server.close();
    }

    private HttpFile fetch(String url) throws IOException, InterruptedException {
        return sources.http().fetch(URI.create(url), Optional.empty(), RemoteAuth.NONE);
    }

    private void assertRefused(Code code, String message, String url) {
        assertThatExceptionOfType(FetchException.class).isThrownBy(() -> fetch(url))
            .withMessageContaining(message)
            .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }

    private static HttpFixture.Answer file(byte[] body, Map<String, String> headers) {
        return exchange -> {
            headers.forEach(exchange.getResponseHeaders()::set);
            exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        };
    }

    /** Answers 304 when the condition of the request holds. */
    private static HttpFixture.Answer conditional(String header, String value, HttpFixture.Answer otherwise) {
        return exchange -> {
            if (value.equals(exchange.getRequestHeaders().getFirst(header))) {
                exchange.sendResponseHeaders(304, -1);
            } else {
                otherwise.to(exchange);
            }
        };
    }

    private static HttpFixture.Answer redirect(int status, String location) {
        return exchange -> {
            exchange.getResponseHeaders().set("Location", location);
            exchange.sendResponseHeaders(status, -1);
        };
    }

    private byte[] stored(HttpFile file) throws IOException {
        return content.open(file.digest()).readAllBytes();
    }

    @Test
    void fetch_file_isInTheStore_withItsTime() throws Exception {
        server.answer("/f", file(CONTENT, Map.of("Last-Modified", "Tue, 14 Nov 2023 22:13:20 GMT")));

        HttpFile file = fetch(server.url("/f?x=1"));

        assertThat(file).isEqualTo(new HttpFile(Digest.sha256(CONTENT), CONTENT.length,
                Optional.of(Instant.ofEpochSecond(1_700_000_000))));
        assertThat(stored(file)).isEqualTo(CONTENT);
        assertThat(server.requests).containsExactly("GET /f?x=1 null");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "yesterday", "Tue, 99 Nov 2023 22:13:20 GMT"})
    void fetch_timeThatIsNone_isAbsent(String time) throws Exception {
        server.answer("/f", file(new byte[0], Map.of("Last-Modified", time)));

        assertThat(fetch(server.url("/f"))).isEqualTo(new HttpFile(Digest.sha256(new byte[0]), 0, Optional.empty()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ETag          | "one"                         | If-None-Match     | "one"
            ETag          | W/"one"                       | If-None-Match     | "one"
            Last-Modified | Tue, 14 Nov 2023 22:13:20 GMT | If-Modified-Since | Tue, 14 Nov 2023 22:13:20 GMT
            """)
    void fetch_unchangedFile_isNotDownloadedAgain(String header, String value, String condition, String asked)
            throws Exception {
        server.answer("/f", conditional(condition, asked, file(CONTENT, Map.of(header, value))));
        HttpFile first = fetch(server.url("/f"));
        reopen(LOCAL);

        assertThat(fetch(server.url("/f"))).isEqualTo(first);
        assertThat(server.requests).hasSize(2);

        content.delete(first.digest());
        assertThat(stored(fetch(server.url("/f")))).isEqualTo(CONTENT);
    }

    @Test
    void fetch_sameTagFromAServerThatKnowsNoConditions_isNotReadAgain() throws Exception {
        server.answer("/f", file(CONTENT, Map.of("ETag", "\"one\"")));
        HttpFile first = fetch(server.url("/f"));
        server.answer("/f", file("other".getBytes(UTF_8), Map.of("ETag", "W/\"one\"")));

        assertThat(fetch(server.url("/f"))).isEqualTo(first);
    }

    @Test
    void fetch_changedFile_isDownloaded() throws Exception {
        server.answer("/f", conditional("If-None-Match", "\"one\"", file(CONTENT, Map.of("ETag", "\"one\""))));
        fetch(server.url("/f"));
        byte[] other = "other".getBytes(UTF_8);
        server.answer("/f", conditional("If-None-Match", "\"two\"", file(other, Map.of("ETag", "\"two\""))));

        assertThat(stored(fetch(server.url("/f")))).isEqualTo(other);
        assertThat(stored(fetch(server.url("/f")))).isEqualTo(other);
    }

    @Test
    void fetch_checksum_isCompared_andSparesARequestForWhatIsKnown() throws Exception {
        server.answer("/f", file(CONTENT, Map.of("ETag", "\"one\"")));
        URI address = URI.create(server.url("/f"));
        Digest right = Digest.sha256(CONTENT);
        Digest wrong = Digest.sha256(new byte[0]);

        HttpFile file = sources.http().fetch(address, Optional.of(right), RemoteAuth.NONE);
        assertThat(sources.http().fetch(address, Optional.of(right), RemoteAuth.NONE)).isEqualTo(file);
        assertThat(server.requests).hasSize(1);
        assertThatExceptionOfType(FetchException.class)
            .isThrownBy(() -> sources.http().fetch(address, Optional.of(wrong), RemoteAuth.NONE))
            .withMessageContaining("digest mismatch " + right + ": " + wrong);
    }

    @Test
    void fetch_contentThatIsEncoded_isDecoded() throws Exception {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write(CONTENT);
        }
        server.answer("/f", file(zipped.toByteArray(), Map.of("Content-Encoding", "gzip")));
        server.answer("/f.gz", file(zipped.toByteArray(), Map.of("Content-Type", "application/gzip")));

        assertThat(stored(fetch(server.url("/f")))).isEqualTo(CONTENT);
        assertThat(stored(fetch(server.url("/f.gz")))).isEqualTo(zipped.toByteArray());
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void fetch_redirect_isFollowed(int status) throws Exception {
        server.answer("/a", redirect(status, "/b"));
        server.answer("/b", redirect(status, server.url("/f")));
        server.answer("/f", file(CONTENT, Map.of()));

        assertThat(stored(fetch(server.url("/a")))).isEqualTo(CONTENT);
    }

    @Test
    void fetch_redirectsWithoutEndOrAim_areRefused() {
        server.answer("/loop", redirect(302, "/loop"));
        server.answer("/nowhere", exchange -> exchange.sendResponseHeaders(302, -1));
        server.answer("/file", redirect(302, "file:///etc/passwd"));
        server.answer("/private", redirect(302, "http://127.0.0.2:" + server.port() + "/f"));
        server.answer("/metadata", redirect(302, "http://169.254.169.254/latest"));

        assertRefused(Code.UNAVAILABLE, "stopped after 10 redirects", server.url("/loop"));
        assertThat(server.requests).hasSize(11);
        assertRefused(Code.REFUSED, "redirects to no valid address", server.url("/nowhere"));
        assertRefused(Code.REFUSED, "neither http nor https", server.url("/file"));
        assertRefused(Code.REFUSED, "is at a private address", server.url("/private"));
        assertRefused(Code.REFUSED, "is at a private address", server.url("/metadata"));
    }

    @Test
    void secrets_areShownToTheirSite_andToNoOther() throws Exception {
        try (HttpFixture other = new HttpFixture()) {
            server.answer("/f", file(CONTENT, Map.of()));
            server.answer("/away", redirect(302, other.url("/f")));
            other.answer("/f", file(CONTENT, Map.of()));
            URI address = URI.create(server.url("/f").replace("//", "//me:p%40ss@"));

            sources.http().fetch(address, Optional.empty(), RemoteAuth.NONE);
            sources.http().fetch(address, Optional.empty(), secret("HTTP_AUTH_TOKEN_127.0.0.1", "t0ken\n"));
            sources.http().fetch(address, Optional.empty(), secret("HTTP_AUTH_HEADER_127.0.0.1", "Custom x"));
            sources.http()
                .fetch(URI.create(server.url("/away")), Optional.empty(), secret("HTTP_AUTH_TOKEN_127.0.0.1", "t0ken"));

            assertThat(server.requests).containsExactly("GET /f " + RemoteAuth.basic("me:p@ss"), "GET /f Bearer t0ken",
                    "GET /f Custom x", "GET /away Bearer t0ken");
            assertThat(other.requests).containsExactly("GET /f null");
        }
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            404, NOT_FOUND
            410, NOT_FOUND
            401, REFUSED
            403, REFUSED
            500, UNAVAILABLE
            429, UNAVAILABLE
            304, REFUSED
            """)
    void fetch_otherStatus_isSaid(int status, Code code) {
        server.answer("/f", exchange -> exchange.sendResponseHeaders(status, -1));

        assertRefused(code, "/f: invalid response status " + status, server.url("/f?token=abc"));
        assertThatExceptionOfType(FetchException.class).isThrownBy(() -> fetch(server.url("/f?token=abc")))
            .satisfies(e -> assertThat(e.getMessage()).doesNotContain("abc"));
    }

    @Test
    void fetch_privateAddress_isRefused_unlessAllowed() throws IOException {
        reopen(RemotePolicy.STANDARD);

        for (String host : List.of("127.0.0.1", "localhost", "[::1]", "10.0.0.1", "2130706433", "[::ffff:10.0.0.1]")) {
            assertRefused(Code.REFUSED, "is at a private address", "http://" + host + ":" + server.port() + "/f");
        }
        assertThat(server.requests).isEmpty();
    }

    @Test
    void fetch_bodyWithoutEnd_endsAtTheLimit() throws IOException {
        reopen(LOCAL.with(new RemotePolicy.Limits(1 << 20, 1, Duration.ofMinutes(1))));
        server.answer("/f", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] block = new byte[64 << 10];
            while (true) {
                exchange.getResponseBody().write(block);
            }
        });

        assertRefused(Code.TOO_LARGE, "more than 1048576 bytes", server.url("/f"));
        assertThat(temp.resolve("content/blobs")).isEmptyDirectory();
    }

    @Test
    void fetch_bodyThatIsCutOff_isNotTaken() {
        server.answer("/f", HttpFetcherTest::cutOff);

        assertRefused(Code.UNAVAILABLE, "the answer broke off", server.url("/f"));
        assertThat(temp.resolve("content/blobs")).isEmptyDirectory();
    }

    private static void cutOff(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 1000);
        exchange.getResponseBody().write(new byte[500]);
        exchange.getResponseBody().flush();
        throw new IOException("the server gives up");
    }

    @Test
    void fetch_slowBody_endsInTime() throws Exception {
        reopen(LOCAL.with(new RemotePolicy.Limits(1 << 20, 1, Duration.ofMillis(800))));
        server.answer("/f", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
            server.hold();
        });

        assertRefused(Code.TOO_LARGE, "took longer", server.url("/f"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void fetch_interrupted_endsAtOnce(boolean inBody) throws Exception {
        server.answer("/f", exchange -> {
            if (inBody) {
                exchange.sendResponseHeaders(200, 0);
                exchange.getResponseBody().write(new byte[1000]);
                exchange.getResponseBody().flush();
            }
            server.hold();
        });
        Thread fetching = Thread.ofPlatform().start(() -> {
            try {
                fetch(server.url("/f"));
            } catch (IOException | InterruptedException _) {
                // as expected
            }
        });
        server.awaitRequest();

        fetching.interrupt();
        fetching.join(5_000);

        assertThat(fetching.isAlive()).isFalse();
    }
}
