package dev.kiln.layercache.registry;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

import com.sun.net.httpserver.HttpExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.kiln.layercache.content.InMemoryContentStore;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.registry.RegistryException.Code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Bearer tokens: how they are got, how long they last, and whose they are. */
@Timeout(60)
class RegistryTokenTest {
    private static final byte[] BIG = RegistryFixture.random(5_000_000);
    private final TestRegistry registry = new TestRegistry();
    private final InMemoryContentStore local = new InMemoryContentStore();
    /** Query or form of all that was asked of the token server, and who asked. */
    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger tokens = new AtomicInteger();
    private volatile String rest = "\"expires_in\":300";
    private volatile int valid = 1;
    private RegistryFixture fixture = fixture(Keychain.anonymous());

    private RegistryFixture fixture(Keychain keychain) {
        return new RegistryFixture(new RegistrySettings(registry.address(), Set.of()), keychain,
                Duration.ofSeconds(30));
    }

    private Repository as(Credentials credentials) {
        fixture.close();
        fixture = fixture(host -> Optional.of(credentials));
        return fixture.repository("app");
    }

    RegistryTokenTest() {
        registry.add(exchange -> {
            if (exchange.getRequestURI().getPath().equals("/token")) {
                hand(exchange);
                return true;
            }
            String shown = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
            if (shown.startsWith("Bearer t") && Integer.parseInt(shown.substring(8)) >= valid) {
                return false;
            }
            exchange.getResponseHeaders()
                .set("WWW-Authenticate", "Bearer realm=\"" + registry.address() + "/token\",service=\"reg\"");
            exchange.sendResponseHeaders(401, -1);
            return true;
        });
    }

    private void hand(HttpExchange exchange) throws IOException {
        String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        asked.add(exchange.getRequestMethod() + " "
                + Optional.ofNullable(exchange.getRequestURI().getQuery()).orElse(form) + " "
                + exchange.getRequestHeaders().getFirst("Authorization"));
        byte[] body = ("{\"access_token\":\"t" + tokens.incrementAndGet() + "\"," + rest + "}")
            .getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
    }

    @AfterEach
    void close() {
        fixture.close();
        registry.close();
    }

    @Test
    void identityToken_isChangedByPost() throws Exception {
        Digest digest = registry.putBlob(BIG);
        assertThat(as(Credentials.ofIdentityToken("r e/f")).size(digest)).isPresent();
        assertThat(asked).containsExactly("POST grant_type=refresh_token&service=reg&client_id=kiln"
                + "&scope=repository%3Aapp%3Apull&refresh_token=r+e%2Ff null");
    }

    @Test
    void identityToken_refused_saysSoWithoutIt() {
        registry.add(exchange -> false);
        try (TestRegistry closed = new TestRegistry()) {
            closed.add(exchange -> {
                exchange.getResponseHeaders()
                    .set("WWW-Authenticate", "Bearer realm=\"" + closed.address() + "/token\"");
                exchange.sendResponseHeaders(401, -1);
                return true;
            });
            Repository app = as(Credentials.ofIdentityToken("s3cr3t"));
            assertThat(app).isNotNull();
            Repository there = fixture.repository(closed.host() + "/app");
            assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> there.manifest("1"))
                .withMessageContaining("log in to " + closed.host() + " again")
                .matches(e -> e.code() == Code.UNAUTHORIZED)
                .satisfies(e -> assertThat(String.valueOf(e)).doesNotContain("s3cr3t"));
        }
    }

    @Test
    void life_isCountedFromWhenItWasIssued() throws Exception {
        Digest digest = registry.putBlob(BIG);
        Repository app = fixture.repository("app");
        fixture.clock.move(Duration.ofSeconds(200));
        rest = "\"expires_in\":300,\"issued_at\":\"1970-01-01T00:00:00Z\"";
        assertThat(app.size(digest)).isPresent();
        fixture.clock.move(Duration.ofSeconds(80));
        assertThat(app.size(digest)).isPresent();
        assertThat(asked).hasSize(1);
        fixture.clock.move(Duration.ofSeconds(15));
        assertThat(app.size(digest)).isPresent();
        assertThat(asked).hasSize(2);
    }

    @Test
    void life_ofAServerWithAWrongClock_isCountedFromNow() throws Exception {
        Digest digest = registry.putBlob(BIG);
        rest = "\"expires_in\":300,\"issued_at\":\"1960-01-01T00:00:00+02:00\"";
        Repository app = fixture.repository("app");
        assertThat(app.size(digest)).isPresent();
        fixture.clock.move(Duration.ofSeconds(200));
        assertThat(app.size(digest)).isPresent();
        assertThat(asked).hasSize(1);
    }

    @Test
    void push_tokenEndsHalfWay_getsAnotherAndGoesOn() throws Exception {
        Descriptor blob = Descriptor.of("x", local.ingest(BIG), BIG.length);
        registry.breakUploads(1, "PUT", 100_000);
        AtomicInteger chunks = new AtomicInteger();
        registry.add(exchange -> {
            // After half of the chunks, all that was handed out so far is worth nothing.
            if (exchange.getRequestMethod().equals("PATCH") && chunks.incrementAndGet() == 3) {
                valid = tokens.get() + 1;
                exchange.getResponseHeaders()
                    .set("WWW-Authenticate", "Bearer realm=\"" + registry.address() + "/token\",service=\"reg\"");
                exchange.sendResponseHeaders(401, -1);
                return true;
            }
            return false;
        });
        assertThat(fixture.repository("app").push(blob, local)).isTrue();
        assertThat(registry.blob(blob.digest())).contains(BIG);
        assertThat(registry.requests()).filteredOn(r -> r.startsWith("POST ")).hasSize(2);
        assertThat(asked).filteredOn(a -> a.contains("pull,push")).hasSize(2);
        assertThat(registry.requests()).filteredOn(r -> r.startsWith("PATCH ")).hasSize(6);
    }

    @Test
    void pull_tokenEndsHalfWay_getsAnotherAndGoesOn() throws Exception {
        Descriptor blob = Descriptor.of("x", registry.putBlob(BIG), BIG.length);
        AtomicInteger breaks = new AtomicInteger(1);
        registry.add(exchange -> {
            if (breaks.getAndDecrement() <= 0) {
                return false;
            }
            exchange.sendResponseHeaders(200, BIG.length);
            exchange.getResponseBody().write(BIG, 0, BIG.length / 2);
            valid = tokens.get() + 1;
            throw new IOException("the registry falls over");
        });
        fixture.repository("app").pull(blob, local);
        assertThat(local.open(blob.digest()).readAllBytes()).isEqualTo(BIG);
        assertThat(asked).hasSize(2);
    }

    @Test
    void with_credentialsOfOneBuild_tokensAreForItAlone() throws Exception {
        Digest digest = registry.putBlob(BIG);
        ImageReference app = ImageReference.parse(registry.host() + "/app");
        RegistryClient build = fixture.client.with(host -> Optional.of(new Credentials("a", "pw")));
        assertThat(build.repository(app).size(digest)).isPresent();
        assertThat(build.repository(app).size(digest)).isPresent();
        assertThat(fixture.client.repository(app).size(digest)).isPresent();
        RegistryClient other = fixture.client.with(host -> Optional.of(new Credentials("b", "pw")));
        assertThat(other.repository(app).size(digest)).isPresent();
        build.close();
        assertThat(other.repository(app).size(digest)).isPresent();
        assertThat(asked).hasSize(3);
        assertThat(asked.get(0)).endsWith("Basic YTpwdw==");
        assertThat(asked.get(1)).endsWith("null");
        assertThat(asked.get(2)).endsWith("Basic Yjpwdw==");
    }
}
