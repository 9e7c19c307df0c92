package dev.kiln.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.sun.net.httpserver.HttpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

import dev.kiln.cli.client.ApiClient;
import dev.kiln.cli.client.ApiException;
import dev.kiln.queue.secret.BuildSecrets;
import dev.kiln.queue.secret.RegistryLogin;
import dev.kiln.queue.secret.Secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What becomes of logins that a farm cannot seal. */
class RegistryAuthTest {
    private static final Map<String, RegistryLogin> LOGINS = Map.of("r.example",
            new RegistryLogin("me", new Secret("pw".getBytes(StandardCharsets.UTF_8))));
    private final List<String> bodies = new ArrayList<>();
    private final StringWriter err = new StringWriter();
    private HttpServer farm;
    private ApiClient client;

    @Command(name = "test")
    static final class Holder {
        @Mixin
        private final RegistryAuth auth = new RegistryAuth();
    }

    /** Has no key: takes no build with logins or secrets. */
    @BeforeEach
    void begin() throws IOException {
        farm = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        farm.createContext("/v1/builds", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            bodies.add(body);
            boolean clear = !body.contains("registries") && !body.contains("secrets");
            byte[] answer = (clear ? "{\"id\":\"x\"}" : "{\"detail\":\"no key to seal with\"}")
                .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", clear ? "application/json" : "application/problem+json");
            exchange.sendResponseHeaders(clear ? 202 : 422, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        farm.start();
        client = new ApiClient(URI.create("http://127.0.0.1:" + farm.getAddress().getPort() + "/"), Optional.empty());
    }

    @AfterEach
    void end() {
        farm.stop(0);
    }

    private RegistryAuth auth(String... options) {
        Holder holder = new Holder();
        new CommandLine(holder).setErr(new PrintWriter(err)).parseArgs(options);
        return holder.auth;
    }

    @Test
    void submit_farmWithoutAKey_buildsWithoutLoginsAndSaysSo() throws Exception {
        auth().submit(client, ApiClient.newObject().put("dockerfile", "D"), BuildSecrets.NONE, LOGINS);
        assertThat(bodies).hasSize(2);
        assertThat(bodies.getLast()).contains("\"dockerfile\"").doesNotContain("registries");
        assertThat(err.toString()).contains("kiln: warning: the farm did not take the logins for r.example")
            .contains("no key to seal with")
            .doesNotContain("pw");
    }

    @Test
    void submit_loginsAskedFor_failsWithoutThem() {
        assertThatExceptionOfType(ApiException.class).isThrownBy(() -> auth("--registry-auth", "docker").submit(client,
                ApiClient.newObject(), BuildSecrets.NONE, LOGINS));
        assertThat(bodies).hasSize(1);
    }

    @Test
    void submit_secretsThatAreNeeded_areNotLeftOut() {
        BuildSecrets secrets = new BuildSecrets(Map.of("t", new Secret(new byte[1])), Map.of());
        assertThatExceptionOfType(ApiException.class)
            .isThrownBy(() -> auth().submit(client, ApiClient.newObject(), secrets, LOGINS));
        assertThat(bodies).hasSize(1);
    }

    @Test
    void check_otherWords_areRefused() {
        auth("--registry-auth", "none").check();
        assertThatExceptionOfType(ParameterException.class).isThrownBy(() -> auth("--registry-auth", "all").check())
            .withMessageContaining("docker or none");
    }

    @Test
    void isPrivate_onlyOverTlsOrOnThisMachine() {
        assertThat(client.isPrivate()).isTrue();
        assertThat(new ApiClient(URI.create("https://farm.example/"), Optional.empty()).isPrivate()).isTrue();
        assertThat(new ApiClient(URI.create("http://[::1]:7070/"), Optional.empty()).isPrivate()).isTrue();
        assertThat(new ApiClient(URI.create("http://farm.example/"), Optional.empty()).isPrivate()).isFalse();
        assertThat(new ApiClient(URI.create("http://127.0.0.1.example/"), Optional.empty()).isPrivate()).isFalse();
    }
}
