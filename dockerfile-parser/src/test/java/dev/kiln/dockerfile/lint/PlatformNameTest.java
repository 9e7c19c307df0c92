package dev.kiln.dockerfile.lint;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.dockerfile.source.DockerfileException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PlatformNameTest {

    @ParameterizedTest
    @CsvSource({"linux/amd64, linux/amd64", "Linux/x86_64, linux/amd64", "linux/arm64/v8, linux/arm64",
        "linux/arm, linux/arm/v7", "linux/armel, linux/arm/v6", "linux/arm/6, linux/arm/v6",
        "macos/aarch64, darwin/arm64",
        "windows(10.0.17763)/amd64, windows(10.0.17763)/amd64", "amd64, linux/amd64", "linux/i386/x, linux/386"})
    void parse_spellings_becomeTheUsualOne(String written, String usual) {
        assertThat(PlatformName.parse(written)).hasToString(usual);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "*", "linux/*", "linux/", "/amd64", "vax", "a/b/c/d", "linux amd64", "linux/amd 64"})
    void parse_otherText_isRefused(String text) {
        assertThatThrownBy(() -> PlatformName.parse(text)).isInstanceOf(DockerfileException.class)
            .hasMessageEndingWith(": invalid argument");
    }
}
