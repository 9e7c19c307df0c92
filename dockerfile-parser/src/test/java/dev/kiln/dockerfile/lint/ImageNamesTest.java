package dev.kiln.dockerfile.lint;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class ImageNamesTest {

    @ParameterizedTest
    @ValueSource(strings = {"busybox", "busybox:1", "a/b/c:x_Y.z-1", "example.org/a", "example.org:5000/a__b.c-d--e:t",
        "localhost/a", "[::1]:5000/a", "Host/a",
        "a@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "a:t@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"})
    void valid_names_are(String name) {
        assertThat(ImageNames.fault(name)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "busybox:", ":latest", "BusyBox", "a//b", "/a", "a/", "-a", "a b", "a:b:c",
        "a@sha256:12",
        "a@md5:00112233445566778899aabbccddeeff", "example.org:port/a", "a:-b", "a___b", "a_.b",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"})
    void valid_otherText_isNot(String name) {
        assertThat(ImageNames.valid(name)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 100_000})
    void valid_longText_isNot(int length) {
        assertThat(ImageNames.valid("a-".repeat(length) + "a")).isFalse();
    }
}
