package dev.kiln.layercache.registry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Helpers are scripts in a folder on the path of the shell that finds them. */
@Timeout(30)
class DockerConfigTest {
    @TempDir
    Path folder;
    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("config.json");
    }

    private Keychain config(String json, Duration timeout) throws IOException {
        Files.writeString(file, json);
        return DockerConfig.open(file, new CredentialHelper(timeout, "relative::" + folder));
    }

    private Keychain config(String json) throws IOException {
        return config(json, Duration.ofSeconds(20));
    }

    private void helper(String name, String script) throws IOException {
        Path program = Files.writeString(folder.resolve("docker-credential-" + name), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void helpers_ofOneHostAndOfAll_areAskedAsDockerDoes() throws IOException {
        helper("one", "echo \"{\\\"Username\\\":\\\"$1\\\",\\\"Secret\\\":\\\"$(cat)\\\"}\"");
        helper("all", "echo \"{\\\"Username\\\":\\\"<token>\\\",\\\"Secret\\\":\\\"$(cat)\\\"}\"");
        Keychain keychain = config("{\"credsStore\":\"all\",\"credHelpers\":{\"r.example\":\"one\"}}");
        assertThat(keychain.forHost("r.example")).contains(new Credentials("get", "r.example"));
        assertThat(keychain.forHost("s.example:5000")).contains(Credentials.ofIdentityToken("s.example:5000"));
        assertThat(keychain.forHost("registry-1.docker.io"))
            .contains(Credentials.ofIdentityToken("https://index.docker.io/v1/"));
    }

    @Test
    void helper_thatKnowsNothing_leavesItToAuths() throws IOException {
        helper("all", "echo 'credentials not found in native keychain'; exit 1");
        Keychain keychain = config("{\"credsStore\":\"all\",\"auths\":{\"r.example\":{\"auth\":\"bWU6cHc=\"}}}");
        assertThat(keychain.forHost("r.example")).contains(new Credentials("me", "pw"));
        assertThat(keychain.forHost("s.example")).isEmpty();
    }

    @Test
    void helper_thatFails_saysWhichWithoutWhatItSaid() throws IOException {
        helper("bad", "echo s3cr3t; echo s3cr3t >&2; exit 3");
        helper("garbage", "echo s3cr3t");
        helper("endless", "yes s3cr3t");
        for (String name : new String[]{"bad", "garbage", "endless", "absent"}) {
            Keychain keychain = config("{\"credsStore\":\"" + name + "\"}");
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> keychain.forHost("r.example"))
                .withMessageContaining("docker-credential-" + name)
                .satisfies(e -> assertThat(e).message().doesNotContain("s3cr3t"));
        }
    }

    @Test
    void helper_thatHangs_isEnded() throws IOException {
        helper("slow", "sleep 20; echo '{}'");
        Keychain keychain = config("{\"credsStore\":\"slow\"}", Duration.ofMillis(200));
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> keychain.forHost("r.example"))
            .withMessageContaining("docker-credential-slow");
    }

    @Test
    void identityTokens_areKnown() throws IOException {
        Keychain keychain = config("""
                {"auths": {"r.example": {"auth": "PHRva2VuPjo=", "identitytoken": "idt"},
                 "s.example": {"auth": "PHRva2VuPjppZHQ="}}}""");
        assertThat(keychain.forHost("r.example")).contains(Credentials.ofIdentityToken("idt"));
        assertThat(keychain.forHost("s.example")).contains(Credentials.ofIdentityToken("idt"));
        assertThat(keychain.forHost("r.example").toString()).doesNotContain("idt");
    }

    @Test
    void dockerHub_isKnownByAllItsNames() throws IOException {
        Keychain keychain = config("{\"auths\":{\"https://index.docker.io/v1/\":{\"auth\":\"bWU6cHc=\"}}}");
        for (String name : new String[]{"docker.io", "index.docker.io", "registry-1.docker.io"}) {
            assertThat(keychain.forHost(name)).contains(new Credentials("me", "pw"));
        }
    }

    @Test
    void file_thatChanges_isReadAgain() throws IOException {
        Keychain keychain = config("{}");
        assertThat(keychain.forHost("r.example")).isEmpty();
        Files.writeString(file, "{\"auths\":{\"r.example\":{\"auth\":\"bWU6cHc=\"}}}");
        assertThat(keychain.forHost("r.example")).isPresent();
        Files.writeString(file, "{\"auths\":{\"r.example\":{\"auth\":\"bWU6cHg=\"}}}");
        Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1)));
        assertThat(keychain.forHost("r.example")).contains(new Credentials("me", "px"));
        Files.delete(file);
        assertThat(keychain.forHost("r.example")).isEmpty();
    }
}
