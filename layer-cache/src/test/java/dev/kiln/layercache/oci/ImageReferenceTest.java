package dev.kiln.layercache.oci;

import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ImageReferenceTest {
    private static final String DIGEST = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {
        "busybox, -, busybox, -, latest",
        "busybox:1.36, -, busybox, 1.36, 1.36",
        "team/app:1, -, team/app, 1, 1",
        "localhost/app, localhost, app, -, latest",
        "localhost:5000/app:1, localhost:5000, app, 1, 1",
        "127.0.0.1:5000/a/b/c, 127.0.0.1:5000, a/b/c, -, latest",
        "[::1]:5000/app:x, '[::1]:5000', app, x, x",
        "[::1]/app, '[::1]', app, -, latest",
        "registry.example/app, registry.example, app, -, latest",
        "Registry.Example/app, Registry.Example, app, -, latest",
        "a--b__c/d.e/f_g, -, a--b__c/d.e/f_g, -, latest",
        "app:v1_2-3.4, -, app, v1_2-3.4, v1_2-3.4"})
    void parse_valid_givesItsParts(String text, String registry, String repository, String tag, String key) {
        ImageReference reference = ImageReference.parse(text);

        assertThat(reference.registry()).isEqualTo(Optional.ofNullable(registry));
        assertThat(reference.repository()).isEqualTo(repository);
        assertThat(reference.tag()).isEqualTo(Optional.ofNullable(tag));
        assertThat(reference.manifestKey()).isEqualTo(key);
        assertThat(reference).hasToString(text);
    }

    @Test
    void parse_withDigest_digestIsTheKey() {
        ImageReference reference = ImageReference.parse("h.example/app:1@" + DIGEST);

        assertThat(reference.tag()).contains("1");
        assertThat(reference.manifestKey()).isEqualTo(DIGEST);
        assertThat(reference).hasToString("h.example/app:1@" + DIGEST);
    }

    @Test
    void withDigest_keepsTheName() {
        assertThat(ImageReference.parse("app:1").withDigest(Digest.parse(DIGEST))).hasToString("app:1@" + DIGEST);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":", "/", "app:", "App", "app/", "/app", "app//b", "app:a b", "app@", "app@sha256:12",
        "app..b", "app___b", "-app", "app-", "../app", "app/..", "app:-x", "a:b:c", "host.example:port/app",
        "host.example:123456/app", "h.example//app", "ap p", "app\n", "user@h.example/app", "h.example/app:1:2",
        "http://h.example/app"})
    void parse_invalid_refused(String text) {
        assertThatThrownBy(() -> ImageReference.parse(text)).isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith("invalid");
    }

    @Test
    void parse_hugeText_refusedWithAShortMessage() {
        assertThatThrownBy(() -> ImageReference.parse("a-".repeat(500_000)))
            .isInstanceOf(IllegalArgumentException.class)
            .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
    }

    @Test
    void parse_tagOf128_acceptedAnd129_refused() {
        assertThat(ImageReference.parse("app:" + "t".repeat(128)).tag()).isPresent();
        assertThatThrownBy(() -> ImageReference.parse("app:" + "t".repeat(129)))
            .isInstanceOf(IllegalArgumentException.class);
    }
}
