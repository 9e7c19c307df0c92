package dev.kiln.cli.build;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.kiln.queue.secret.BuildSecrets;
import dev.kiln.queue.secret.Secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SecretSourcesTest {
    private static final Map<String, String> ENVIRONMENT = Map.of("TOKEN", "from-env", "SSH_AUTH_SOCK", "/agent");

    @TempDir
    private Path folder;

    private final SecretSources sources = new SecretSources(ENVIRONMENT);

    private static String text(Secret secret) {
        return new String(secret.bytes(), StandardCharsets.UTF_8);
    }

    private static String openssh(String cipher) {
        byte[] body = ("openssh-key-v1\0\0\0\0" + (char) cipher.length() + cipher + "rest")
            .getBytes(StandardCharsets.ISO_8859_1);
        return "-----BEGIN OPENSSH PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(body)
                + "\n-----END OPENSSH PRIVATE KEY-----\n";
    }

    private Path file(String name, String content) throws Exception {
        return Files.writeString(folder.resolve(name), content);
    }

    @Test
    void secret_fromAFileOrAVariable_isItsContent() throws Exception {
        Path file = file("npmrc", "from-file\n");
        sources.addSecret("id=a,src=" + file);
        sources.addSecret("type=file,id=b,source=" + file);
        sources.addSecret("id=c,env=TOKEN");
        sources.addSecret("id=TOKEN");
        sources.addSecret("type=env,id=d,src=TOKEN");
        sources.addSecret("id=e,env=UNSET");
        BuildSecrets secrets = sources.secrets();
        assertThat(secrets.secrets().keySet()).containsExactly("a", "b", "c", "TOKEN", "d", "e");
        assertThat(secrets.secrets().values().stream().map(SecretSourcesTest::text))
            .containsExactly("from-file\n", "from-file\n", "from-env", "from-env", "from-env", "");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            src=x                 | secret missing ID
            id=a,file=x           | unexpected key 'file'
            id=a,type=vault       | unsupported secret type "vault"
            id=a,src              | must be a key=value pair
            id=a,src=/nowhere/at  | failed to read /nowhere/at
            """)
    void secret_malformed_isRefusedByName(String words, String problem) {
        assertThatThrownBy(() -> sources.addSecret(words)).isInstanceOf(OptionException.class)
            .hasMessageContaining("--secret")
            .hasMessageContaining(problem);
    }

    @Test
    void secret_tooBigOrTwice_isRefused() throws Exception {
        Path big = Files.write(folder.resolve("big"), new byte[Secret.MAX_BYTES + 1]);
        assertThatThrownBy(() -> sources.addSecret("id=a,src=" + big)).hasMessageContaining("max size 500KB");
        sources.addSecret("id=TOKEN");
        assertThatThrownBy(() -> sources.addSecret("id=TOKEN")).hasMessageContaining("two secrets");
    }

    @Test
    void ssh_keysWithoutPassphrase_areTaken() throws Exception {
        Path rsa = file("rsa", "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n");
        Path ed = file("ed", openssh("none"));
        sources.addSsh("default=" + rsa + "," + ed);
        assertThat(sources.secrets().ssh().get("default")).hasSize(2)
            .last()
            .extracting(SecretSourcesTest::text)
            .isEqualTo(openssh("none"));
    }

    @Test
    void ssh_agent_isRefusedWithTheReason() {
        assertThatThrownBy(() -> sources.addSsh("default")).isInstanceOf(OptionException.class)
            .hasMessageContaining("SSH_AUTH_SOCK")
            .hasMessageContaining("--ssh default=FILE");
    }

    @Test
    void ssh_whatIsNoUnlockedKey_isRefusedWithoutBeingQuoted() throws Exception {
        assertRefused(file("locked", openssh("aes256-ctr")), "has a passphrase");
        assertRefused(file("pkcs8", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA\n-----END ENCRYPTED PRIVATE KEY-----"),
                "has a passphrase");
        assertRefused(file("old", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAA\n"
                + "-----END RSA PRIVATE KEY-----"), "has a passphrase");
        assertRefused(file("pub", "ssh-ed25519 AAAA hunter2"), "no private key");
        assertRefused(
                file("cut", "-----BEGIN OPENSSH PRIVATE KEY-----\naHVudGVyMg==\n-----END OPENSSH PRIVATE KEY-----"),
                "no private key");
    }

    private void assertRefused(Path file, String problem) {
        assertThatThrownBy(() -> sources.addSsh("x=" + file)).isInstanceOf(OptionException.class)
            .hasMessageContaining(problem)
            .hasMessageNotContaining("hunter2");
    }
}
