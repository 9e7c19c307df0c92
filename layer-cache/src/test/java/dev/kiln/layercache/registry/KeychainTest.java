package dev.kiln.layercache.registry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class KeychainTest {
    @TempDir
    Path folder;

    @Test
    void ofDockerConfig_auths_areFoundByHost() throws IOException {
        // base64 of me:p:w
        Keychain keychain = keychain("""
                {"auths": {"https://index.example/v1/": {"auth": "bWU6cDp3"}, "r.example:5000": {"auth": "bWU6cDp3"},
                 "plain.example": {"username": "u", "password": "p"}, "empty.example": {}}, "other": 1}""");

        assertThat(keychain.forHost("index.example")).contains(new Credentials("me", "p:w"));
        assertThat(keychain.forHost("r.example:5000")).contains(new Credentials("me", "p:w"));
        assertThat(keychain.forHost("plain.example")).contains(new Credentials("u", "p"));
        assertThat(keychain.forHost("r.example")).isEmpty();
        assertThat(keychain.forHost("empty.example")).isEmpty();
    }

    @Test
    void ofDockerConfig_absentFile_knowsNone() throws IOException {
        assertThat(Keychain.ofDockerConfig(folder.resolve("none")).forHost("r.example")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3cr3t", "{\"auths\":{\"r\":{\"auth\":\"s3cr3t!\"}}}", "{\"credsStore\":\"/bin/s3cr3t\"}",
        "{\"credHelpers\":{\"r\":\"../s3cr3t\"}}", "{\"credsStore\":{\"s3cr3t\":1}}"})
    void ofDockerConfig_unusable_refusedWithoutItsContent(String content) {
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> keychain(content))
            .withMessageStartingWith("reading registry credentials from " + folder)
            .satisfies(e -> assertThat(e).message().doesNotContain("s3cr3t"));
    }

    @Test
    void after_asksTheFirstFirst() throws IOException {
        Keychain first = host -> host.equals("a")
                ? Optional.of(new Credentials("1", ""))
                : Optional
                    .empty();
        Keychain both = ((Keychain) host -> Optional.of(new Credentials("2", ""))).after(first);

        assertThat(both.forHost("a")).map(Credentials::user).contains("1");
        assertThat(both.forHost("b")).map(Credentials::user).contains("2");
    }

    private Keychain keychain(String content) throws IOException {
        return Keychain.ofDockerConfig(Files.writeString(folder.resolve("config.json"), content));
    }
}
