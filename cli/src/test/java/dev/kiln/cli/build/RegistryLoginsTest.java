package dev.kiln.cli.build;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.cli.client.ApiClient;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.queue.secret.RegistryLogin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

/** Which registries a build has to do with, and what is sent for them. */
class RegistryLoginsTest {
    @TempDir
    private Path folder;

    private static Set<ImageReference> images(String dockerfile, Optional<String> target, String... contexts) {
        return new NamedImages(target, Map.of("BASE", "given.example/base"), Map.of("TARGETARCH", "amd64"),
                Set.of(contexts))
            .of(dockerfile.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void images_ofADockerfile_areThoseOfTheStagesThatCount() {
        String file = """
                ARG BASE=default.example/base
                ARG TAG=1
                FROM unused.example/x AS unused
                FROM ${BASE}:$TAG AS base
                FROM base
                COPY --from=copied.example/a/b:1 /a /a
                COPY --from=named /a /a
                RUN --mount=from=mounted.example/m,target=/m true
                """;
        assertThat(images(file, Optional.empty(), "named"))
            .extracting(ImageReference::toString)
            .containsExactlyInAnyOrder("given.example/base:1", "copied.example/a/b:1",
                    "mounted.example/m");
        assertThat(images("FROM r.example/a AS a\nFROM s.example/b", Optional.of("a")))
            .containsExactly(ImageReference.parse("r.example/a"));
        assertThat(images("FRUM x", Optional.empty())).isEmpty();
        assertThat(images("FROM scratch", Optional.of("none"))).isEmpty();
    }

    @Test
    void images_ofARequest_areWhereItPushesItsCachesAndItsContexts() {
        ObjectNode request = ApiClient.newObject().put("push", true);
        request.putArray("names").add("r.example/app:1").add("app");
        request.putArray("cacheFrom").addObject().put("type", "registry").put("reference", "c.example/cache");
        request.putArray("cacheTo").addObject().put("type", "inline");
        request.putObject("namedContexts").putObject("n").put("type", "image").put("reference", "n.example/i");
        assertThat(NamedImages.ofRequest(request)).extracting(ImageReference::toString)
            .containsExactlyInAnyOrder("r.example/app:1", "app", "c.example/cache", "n.example/i");
        request.put("push", false);
        assertThat(NamedImages.ofRequest(request)).hasSize(2);
    }

    @Test
    void logins_areThoseOfTheNamedHostsOnly() throws IOException {
        Path file = Files.writeString(folder.resolve("config.json"), """
                {"auths": {"https://index.docker.io/v1/": {"auth": "bWU6cHc="}, "r.example": {"auth": "bWU6cHc="},
                 "other.example": {"auth": "bWU6cHc="}, "t.example": {"identitytoken": "idt"}}}""");
        Map<String, RegistryLogin> logins = RegistryLogins.of(file, List.of(ImageReference.parse("docker.io/debian"),
                ImageReference.parse("r.example/a"), ImageReference.parse("r.example/b"),
                ImageReference.parse("t.example/a"), ImageReference.parse("none.example/a"),
                ImageReference.parse("app")));
        assertThat(logins).containsOnlyKeys("registry-1.docker.io", "r.example", "t.example");
        assertThat(logins.get("r.example").user()).isEqualTo("me");
        assertThat(logins.get("r.example").secret().bytes()).asString(StandardCharsets.UTF_8).isEqualTo("pw");
        assertThat(logins.get("t.example").user()).isEqualTo("<token>");
        assertThat(logins.toString()).doesNotContain("pw", "idt");
    }

    @Test
    void logins_noHostOrNoFile_areNone() throws IOException {
        Path broken = Files.writeString(folder.resolve("broken.json"), "s3cr3t");
        assertThat(RegistryLogins.of(broken, List.of(ImageReference.parse("app")))).isEmpty();
        assertThat(RegistryLogins.of(folder.resolve("none"), List.of(ImageReference.parse("r.example/a")))).isEmpty();
        assertThatIOException()
            .isThrownBy(() -> RegistryLogins.of(broken, List.of(ImageReference.parse("r.example/a"))))
            .withMessageContaining("broken.json")
            .withMessageNotContaining("s3cr3t");
    }

    @Test
    void file_isWhereDockerLooks() {
        assertThat(RegistryLogins.file(Map.of("DOCKER_CONFIG", "/d"), "/home/me")).hasToString("/d/config.json");
        assertThat(RegistryLogins.file(Map.of(), "/home/me")).hasToString("/home/me/.docker/config.json");
    }
}
