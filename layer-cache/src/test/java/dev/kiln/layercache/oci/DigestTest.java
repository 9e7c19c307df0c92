package dev.kiln.layercache.oci;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DigestTest {
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @Test
    void sha256_knownText_knownHash() {
        assertThat(Digest.sha256("abc".getBytes(StandardCharsets.UTF_8))).hasToString("sha256:" + ABC);
    }

    @Test
    void parse_bothAlgorithms_roundTrips() {
        String sha512 = "sha512:" + "0f".repeat(64);

        assertThat(Digest.parse("sha256:" + ABC)).hasToString("sha256:" + ABC);
        assertThat(Digest.parse(sha512)).hasToString(sha512);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sha256", "sha256:", "sha256:abc", "md5:d41d8cd98f00b204e9800998ecf8427e",
        "SHA256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ag",
        "sha256:../816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha512:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ":ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"})
    void parse_notADigest_refused(String text) {
        assertThatThrownBy(() -> Digest.parse(text)).isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("digest");
    }

    @Test
    void newHash_followsTheAlgorithm() {
        assertThat(Digest.parse("sha512:" + "00".repeat(64)).newHash().getDigestLength()).isEqualTo(64);
        assertThat(Digest.parse("sha256:" + ABC).newHash().getDigestLength()).isEqualTo(32);
    }
}
