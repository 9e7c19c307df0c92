package dev.kiln.api.distribution;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.api.access.AccessFile;
import dev.kiln.api.distribution.TestRegistryServer.Answer;
import dev.kiln.api.distribution.TestRegistryServer.Settings;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.RawManifest;

import static dev.kiln.api.distribution.TestRegistryServer.blob;
import static dev.kiln.api.distribution.TestRegistryServer.bytes;
import static org.assertj.core.api.Assertions.assertThat;

/** A registry with an access list, as clients meet it. */
class AccessTest {
    private static final String FARM = "farm-token";

    @TempDir
    Path folder;
    private TestRegistryServer registry;

    @BeforeEach
    void start() throws Exception {
        Path list = Files.writeString(folder.resolve("access.yaml"), """
                tokens:
                  ci: {sha256: %s, repositories: {"team/**": [pull, push]}}
                  admin: {sha256: %s, repositories: {"**": [pull, push, delete]}}
                  guest: {sha256: %s, repositories: {"other/*": [pull]}}
                anonymous: {"open/*": [pull]}
                """.formatted(hex("ci-token"), hex("admin-token"), hex("guest-token")));
        registry = new TestRegistryServer(folder, Settings.of(TestRegistryServer.Files.SENT)
            .withToken(Optional.of(FARM))
            .withAccess(AccessFile.read(list)));
    }

    @AfterEach
    void stop() throws Exception {
        registry.close();
    }

    private static String hex(String token) {
        return Digest.sha256(token.getBytes(StandardCharsets.UTF_8)).hex();
    }

    private static String[] bearer(String token) {
        return new String[]{"Authorization", "Bearer " + token};
    }

    private static String[] basic(String user, String token) {
        return new String[]{"Authorization", "Basic "
                + Base64.getEncoder().encodeToString((user + ":" + token).getBytes(StandardCharsets.UTF_8))};
    }

    private Answer push(String repository, String text, String[] as) {
        Digest digest = Digest.sha256(text.getBytes(StandardCharsets.UTF_8));
        return registry.send("POST", "/v2/" + repository + "/blobs/uploads/?digest=" + digest,
                text.getBytes(StandardCharsets.UTF_8), as);
    }

    private String ticket(String scopes, String... as) {
        return registry.get("/v2/token?service=kiln" + scopes, as).expect(200).json().get("token").stringValue();
    }

    /** An image with one small layer. */
    private RawManifest image(String repository, String tag, String[] as) {
        push(repository, "{}", as).expect(201);
        push(repository, "layer of " + repository, as).expect(201);
        Descriptor config = Descriptor.of("application/vnd.oci.image.config.v1+json", "{}".getBytes(
                StandardCharsets.UTF_8));
        Descriptor layer = Descriptor.of("application/vnd.oci.image.layer.v1.tar",
                ("layer of " + repository).getBytes(StandardCharsets.UTF_8));
        RawManifest manifest = RawManifest.of(Manifest.of(config, List.of(layer)));
        registry.send("PUT", "/v2/" + repository + "/manifests/" + tag, manifest.bytes(), "Content-Type",
                manifest.mediaType(), as[0], as[1])
            .expect(201);
        return manifest;
    }

    /** Else whoever may push anywhere could put something in the place of a step's result. */
    @Test
    void repositoriesOfTheFarm_areWrittenWithItsTokenOnly() {
        for (String repository : List.of("steps", "steps/x", "builds/x", "contexts", "contexts/x", "mirror")) {
            push(repository, "x", bearer("admin-token")).expect(403, "DENIED");
            String ticket = ticket("&scope=repository:" + repository + ":push,pull", basic("x", "admin-token"));
            push(repository, "x", bearer(ticket)).expect(403, "DENIED");
            RawManifest manifest = image(repository, "1", bearer(FARM));
            String path = "/v2/" + repository + "/manifests/1";
            registry.send("PUT", path, manifest.bytes(), "Content-Type", manifest.mediaType(), "Authorization",
                    "Bearer admin-token")
                .expect(403, "DENIED");
            registry.send("DELETE", path, bearer("admin-token")).expect(403, "DENIED");
            registry.get(path, bearer("admin-token")).expect(200);
        }
        push("steps-of-mine", "x", bearer("admin-token")).expect(201);
    }

    @Test
    void base_withoutToken_saysWhereTicketsAre() {
        var answer = registry.get("/v2/").expect(401, "UNAUTHORIZED");

        assertThat(answer.header("WWW-Authenticate"))
            .isEqualTo("Bearer realm=\"http://127.0.0.1:" + registry.port() + "/v2/token\",service=\"kiln\"");
        assertThat(answer.header("Docker-Distribution-Api-Version")).isEqualTo("registry/2.0");
    }

    @Test
    void login_ofDocker_worksWithAnyUser() {
        String ticket = ticket("&account=me&client_id=docker&offline_token=true", basic("me", "ci-token"));

        registry.get("/v2/", bearer(ticket)).expect(200);
        registry.get("/v2/token?service=kiln", basic("ci", "wrong")).expect(401, "UNAUTHORIZED");
        assertThat(registry.get("/v2/token", basic("ci", "wrong")).header("WWW-Authenticate")).startsWith("Basic ");
        registry.get("/v2/", basic("any", "ci-token")).expect(200);
        registry.get("/v2/", bearer("wrong")).expect(401, "UNAUTHORIZED");
    }

    @Test
    void ticket_coversItsScopesOnly() {
        String ticket = ticket("&scope=repository:team/app:pull,push", basic("ci", "ci-token"));

        push("team/app", "x", bearer(ticket)).expect(201);
        var elsewhere = push("team/other", "x", bearer(ticket)).expect(401, "UNAUTHORIZED");
        assertThat(elsewhere.header("WWW-Authenticate")).contains("scope=\"repository:team/other:pull,push\"",
                "error=\"insufficient_scope\"");
        registry.advance(Duration.ofMinutes(6));
        push("team/app", "x", bearer(ticket)).expect(401, "UNAUTHORIZED");
    }

    @Test
    void rights_areThoseOfTheList() {
        RawManifest manifest = image("team/app", "1", bearer("ci-token"));
        String path = "/v2/team/app/manifests/";

        registry.get(path + "1", bearer("ci-token")).expect(200);
        registry.send("DELETE", path + "1", bearer("ci-token")).expect(403, "DENIED");
        push("other/app", "x", bearer("ci-token")).expect(403, "DENIED");
        String denied = ticket("&scope=repository:other/app:push,pull", basic("ci", "ci-token"));
        push("other/app", "x", bearer(denied)).expect(403, "DENIED");
        registry.get(path + "1", bearer("guest-token")).expect(403, "DENIED");
        registry.get(path + "1", bearer(FARM)).expect(200);
        registry.send("DELETE", path + manifest.digest(), basic("x", FARM)).expect(202);
    }

    @Test
    void anonymous_pullsWhatIsOpen() {
        image("open/app", "1", bearer(FARM));
        image("team/app", "1", bearer(FARM));

        registry.get("/v2/open/app/manifests/1").expect(200);
        registry.get("/v2/open/app/manifests/1", bearer(ticket("&scope=repository:open/app:pull"))).expect(200);
        registry.get("/v2/team/app/manifests/1").expect(401, "UNAUTHORIZED");
        registry.get("/v2/team/app/manifests/1", bearer(ticket("&scope=repository:team/app:pull")))
            .expect(401, "UNAUTHORIZED");
        push("open/app", "x", new String[0]).expect(401, "UNAUTHORIZED");
    }

    @Test
    void catalog_listsWhatTheCallerMayPull() {
        List.of("open/app", "team/a", "team/b", "other/app").forEach(name -> image(name, "1", bearer(FARM)));

        assertThat(registry.get("/v2/_catalog", bearer("ci-token")).expect(200).list("repositories"))
            .containsExactly("team/a", "team/b");
        assertThat(registry.get("/v2/_catalog", bearer(FARM)).list("repositories")).hasSize(4);
        registry.get("/v2/_catalog").expect(401, "UNAUTHORIZED");
    }

    @Test
    void blob_ofAnotherRepository_isNotThereForThoseWhoKnowItsDigest() throws Exception {
        Digest secret = registry.content.ingest(bytes(1000));
        Digest pushed = Digest.sha256("layer of other/app".getBytes(StandardCharsets.UTF_8));
        image("other/app", "1", bearer(FARM));

        for (Digest digest : List.of(secret, pushed)) {
            registry.get(blob("team/app", digest), bearer("ci-token")).expect(404, "BLOB_UNKNOWN");
            registry.get(blob("team/app", digest), bearer(FARM)).expect(200);
            String mount = "/v2/team/app/blobs/uploads/?mount=" + digest;
            registry.send("POST", mount, bearer("ci-token")).expect(202);
            registry.send("POST", mount + "&from=other/app", bearer("ci-token")).expect(202);
        }
        RawManifest stolen = RawManifest.of(Manifest.of(
                Descriptor.of("application/vnd.oci.image.config.v1+json", pushed, 18), List.of()));
        registry.send("PUT", "/v2/team/app/manifests/1", stolen.bytes(), "Content-Type", stolen.mediaType(),
                "Authorization", "Bearer ci-token")
            .expect(400, "MANIFEST_BLOB_UNKNOWN");
        registry.get(blob("other/app", pushed), bearer("guest-token")).expect(200);
    }

    @Test
    void mount_byOneWhoMayPullThere_bringsTheBlob() {
        image("team/app", "1", bearer("ci-token"));
        Digest layer = Digest.sha256("layer of team/app".getBytes(StandardCharsets.UTF_8));

        registry.send("POST", "/v2/team/copy/blobs/uploads/?mount=" + layer + "&from=team/app", bearer("ci-token"))
            .expect(201);
        registry.get(blob("team/copy", layer), bearer("ci-token")).expect(200);
    }

    @Test
    void forgetPushes_keepsWhatManifestsReferTo() throws Exception {
        image("team/app", "1", bearer("ci-token"));
        Digest layer = Digest.sha256("layer of team/app".getBytes(StandardCharsets.UTF_8));
        push("team/new", "alone", bearer("ci-token")).expect(201);
        Digest alone = Digest.sha256("alone".getBytes(StandardCharsets.UTF_8));
        Duration sinceNow = Duration.between(Instant.now(), registry.now());

        registry.tags.forgetPushes(sinceNow.plusHours(1));
        registry.get(blob("team/new", alone), bearer("ci-token")).expect(200);
        registry.tags.forgetPushes(sinceNow.minusHours(1));

        registry.get(blob("team/new", alone), bearer("ci-token")).expect(404, "BLOB_UNKNOWN");
        registry.get(blob("team/app", layer), bearer("ci-token")).expect(200);
    }

    @Test
    void blobs_ofImagesThatTheFarmPushed_areThereForOthers() {
        RawManifest manifest = image("team/app", "1", bearer(FARM));
        Digest layer = Digest.sha256("layer of team/app".getBytes(StandardCharsets.UTF_8));

        registry.get(blob("team/app", layer), bearer("ci-token")).expect(200);
        registry.get(blob("team/app", manifest.digest()), bearer("ci-token")).expect(200);
        registry.send("DELETE", "/v2/team/app/manifests/" + manifest.digest(), bearer("admin-token")).expect(202);
        registry.get(blob("team/app", layer), bearer("ci-token")).expect(404, "BLOB_UNKNOWN");
    }

    @Test
    void host_thatCouldBreakTheHeader_isRefused() throws Exception {
        try (var socket = registry.raw("GET /v2/ HTTP/1.1\r\nHost: a\"b\r\nConnection: close\r\n\r\n")) {
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
                .startsWith("HTTP/1.1 400");
        }
    }
}
