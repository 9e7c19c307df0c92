package dev.kiln.queue.secret;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.queue.Samples;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.json.JsonException;
import dev.kiln.queue.json.JsonText;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class FarmKeyTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final BuildId OTHER = new BuildId("01k2m3n4p5q6r7s8t9v0w1x2y4");
    private static final String VALUE = "hunter2-very-secret";
    private static final String LOGIN = "log-in-secret";
    private static final BuildSecrets SECRETS = new BuildSecrets(Map.of("token", secret(VALUE)),
            Map.of("default", List.of(secret("a key"), secret("another"))),
            Map.of("r.example:5000", new RegistryLogin("me", secret(LOGIN))));

    private static Secret secret(String text) {
        return new Secret(text.getBytes(StandardCharsets.UTF_8));
    }

    private static FarmKey key() {
        return FarmKey.parse(FarmKey.generate(RANDOM));
    }

    @Test
    void seal_opened_isWhatWasSealedAndShowsNothing() throws Exception {
        FarmKey key = key();
        byte[] sealed = key.seal(Samples.ID, SECRETS);
        assertThat(key.open(Samples.ID, sealed)).isEqualTo(SECRETS);
        assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain(VALUE, "token", "default", LOGIN,
                "r.example");
        assertThat(key.seal(Samples.ID, SECRETS)).isNotEqualTo(sealed);
    }

    @Test
    void open_forAnotherBuildOrChanged_isRefused() {
        FarmKey key = key();
        byte[] sealed = key.seal(Samples.ID, SECRETS);
        assertThatThrownBy(() -> key.open(OTHER, sealed)).isInstanceOf(UnsealException.class)
            .hasMessageContaining("another build");
        sealed[sealed.length - 1] ^= 1;
        assertThatThrownBy(() -> key.open(Samples.ID, sealed)).hasMessageContaining("changed");
        assertThatThrownBy(() -> key.open(Samples.ID, new byte[3])).hasMessageContaining("no form");
        assertThatThrownBy(() -> key().open(Samples.ID, sealed)).hasMessageContaining("does not have");
    }

    @Test
    void open_afterTheKeyWasReplaced_needsTheOldOneBesideTheNew() throws Exception {
        String old = FarmKey.generate(RANDOM);
        byte[] sealed = FarmKey.parse(old).seal(Samples.ID, SECRETS);
        FarmKey both = FarmKey.parse(FarmKey.generate(RANDOM) + "\n" + old + "\n");
        assertThat(both.open(Samples.ID, sealed)).isEqualTo(SECRETS);
        byte[] anew = both.seal(Samples.ID, SECRETS);
        assertThatThrownBy(() -> FarmKey.parse(old).open(Samples.ID, anew)).isInstanceOf(UnsealException.class);
    }

    @Test
    void secrets_asLargeAsAccepted_fitTheBounds() throws Exception {
        Map<String, Secret> many = new HashMap<>();
        for (int i = 0; i < 8; i++) {
            many.put("s" + i, new Secret(new byte[Secret.MAX_BYTES]));
        }
        FarmKey key = key();
        byte[] sealed = key.seal(Samples.ID, new BuildSecrets(many, Map.of()));
        assertThat(sealed.length).isLessThan(FarmKey.MAX_SEALED);
        assertThat(key.open(Samples.ID, sealed).secrets()).hasSize(8);
        many.put("more", new Secret(new byte[Secret.MAX_BYTES]));
        assertThatThrownBy(() -> new BuildSecrets(many, Map.of())).hasMessageContaining("together");
        assertThatThrownBy(() -> new Secret(new byte[Secret.MAX_BYTES + 1])).hasMessageContaining("more than");
    }

    @Test
    void secrets_printed_areHidden() {
        assertThat(SECRETS.toString()).doesNotContain(VALUE, "a key", LOGIN).contains("(hidden)");
        assertThat(key()).hasToString("FarmKey(hidden)");
    }

    @Test
    void read_noBase64_isRefusedWithoutQuotingIt() {
        byte[] json = "{\"secrets\":{\"token\":\"hunter2!\"}}".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> SecretsJson.read(JsonText.read(json, 1000))).isInstanceOf(JsonException.class)
            .hasMessageStartingWith("secrets.token: expected base 64")
            .hasMessageNotContaining("hunter2")
            .hasRootCauseMessage("expected base 64 of at most 512000 bytes");
    }

    @Test
    void login_forWhatIsNoHost_isRefused() {
        for (String host : new String[]{"", "r.example/team", "-", "a b"}) {
            byte[] json = ("{\"registries\":{\"" + host + "\":{\"user\":\"me\",\"secret\":\"aHVudGVyMg==\"}}}")
                .getBytes(StandardCharsets.UTF_8);
            assertThatThrownBy(() -> SecretsJson.read(JsonText.read(json, 1000))).isInstanceOf(JsonException.class)
                .hasMessageNotContaining("hunter2");
        }
        assertThatThrownBy(() -> new RegistryLogin("a\nb", secret(LOGIN))).hasMessageContaining("none that controls");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hunter2", "aHVudGVyMg==",
        "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE= hunter2"})
    void parse_noKey_isRefusedWithoutQuotingIt(String text) {
        assertThatThrownBy(() -> FarmKey.parse(text)).isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("32 random bytes")
            .hasMessageNotContaining("hunter2")
            .hasNoCause();
    }
}
