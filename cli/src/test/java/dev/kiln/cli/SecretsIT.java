package dev.kiln.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.registry.TestRegistry;

import static org.assertj.core.api.Assertions.assertThat;

/** What becomes of a secret on a whole farm: nothing on any disk, in no answer and in no log. */
@Tag("privileged")
class SecretsIT {
    private static final String VALUE = "hunter2-k1ln-never-on-disk";
    private static final String LOGIN = "l0gin-k1ln-never-on-disk";

    @TempDir
    private static Path folder;
    private static FarmFixture farm;

    @BeforeAll
    static void start() throws Exception {
        farm = new FarmFixture(folder);
        farm.importBusybox();
    }

    @AfterAll
    static void stop() {
        farm.close();
    }

    @Test
    void secret_ofABuild_isFoundNowhereAfterwards(@TempDir Path outside) throws Exception {
        Path context = farm.context("secret", """
                FROM busybox
                RUN --mount=type=secret,id=token,required=true cat /run/secrets/token && echo used > /used
                """);
        Path file = Files.writeString(outside.resolve("token"), VALUE);
        Command.Result built = farm.kiln("build", "--secret", "id=token,src=" + file, context.toString());
        assertThat(built.exit()).as(built.err()).isZero();
        String id = built.err()
            .lines()
            .filter(line -> line.startsWith("built "))
            .findFirst()
            .orElseThrow()
            .split(" ")[1];
        String shown = built.err() + built.out() + farm.kiln("inspect", id).out() + farm.kiln("logs", id).out()
                + farm.server().errSoFar();
        assertThat(shown).contains("token").as("what the step printed").contains("***").doesNotContain(VALUE);
        assertNowhere(VALUE, base64(VALUE));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("data/secret-key"))))
            .isEqualTo("rw-------");
    }

    /** One build pushes to a registry that wants a login, the next one builds on what is there; both with their own. */
    @Test
    void logins_ofABuild_openRegistriesForItAlone(@TempDir Path outside) throws Exception {
        String login = base64("me:" + LOGIN);
        try (TestRegistry registry = new TestRegistry()) {
            registry.add(exchange -> {
                if (("Basic " + login).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                    return false;
                }
                exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"r\"");
                exchange.sendResponseHeaders(401, -1);
                return true;
            });
            Files.writeString(outside.resolve("config.json"),
                    "{\"auths\":{\"" + registry.host() + "\":{\"auth\":\"" + login + "\"}}}");
            Map<String, String> docker = Map.of("DOCKER_CONFIG", outside.toString());
            String image = registry.host() + "/team/app:1";
            Path first = farm.context("first", "FROM busybox\nRUN echo 1 > /one\n");
            Command.Result pushed = farm.begin(docker, "build", "--push", "-t", image, first.toString()).await();
            assertThat(pushed.exit()).as(pushed.err()).isZero();
            assertThat(registry.manifest("team/app", "1")).isPresent();

            Path next = farm.context("next", "FROM " + image + "\nRUN cat /one\n");
            Command.Result without = farm.begin(docker, "build", "--registry-auth", "none", next.toString()).await();
            assertThat(without.exit()).isNotZero();
            assertThat(without.err()).contains("credentials for it are missing or wrong");
            Command.Result with = farm.begin(docker, "build", next.toString()).await();
            assertThat(with.exit()).as(with.err()).isZero();
            assertThat(pushed.err() + without.err() + with.err() + farm.server().errSoFar())
                .doesNotContain(LOGIN, login);
        }
        assertNowhere(LOGIN, login, base64(LOGIN));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void assertNowhere(String... forms) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path each : files.filter(Files::isRegularFile).filter(SecretsIT::hasBytes).toList()) {
                String text = Files.readString(each, StandardCharsets.ISO_8859_1);
                assertThat(List.of(forms)).as("%s", each).noneMatch(text::contains);
            }
        }
    }

    /** The names of network namespaces are files that nobody can read. */
    private static boolean hasBytes(Path file) {
        return !file.toString().contains("/containers/net/");
    }
}
