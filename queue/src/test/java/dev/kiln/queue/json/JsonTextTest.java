package dev.kiln.queue.json;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.kiln.layercache.oci.Digest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class JsonTextTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            [1]                | expected a JSON object, got a list
            {"a":1,"a":2}      | not valid JSON at line 1
            {"a":1} {}         | not valid JSON at line 1
            {"a":              | not valid JSON at line 1
            {'a':1}            | not valid JSON at line 1
            """)
    void read_badDocument_isRefused(String text, String problem) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(JsonException.class).hasMessageContaining(problem);
    }

    @Test
    void read_nothing_isRefused() {
        assertThatThrownBy(() -> read("")).isInstanceOf(JsonException.class);
    }

    @Test
    void read_longerThanAccepted_isRefusedUnseen() {
        assertThatThrownBy(() -> JsonText.read(new byte[11], 10))
            .hasMessage("the document has 11 bytes, more than the 10 that are accepted");
    }

    @Test
    void read_deepNesting_isRefused() {
        assertThatThrownBy(() -> read("{\"a\":" + "[".repeat(100_000))).isInstanceOf(JsonException.class)
            .hasMessageContaining("depth");
    }

    @Test
    void read_hugeNumber_isNotANumberOfOurs() {
        assertThatThrownBy(() -> read("{\"a\":" + "9".repeat(30) + "}").number("a"))
            .hasMessage("a: expected a whole number, got a number");
    }

    @Test
    void parsed_longNonsense_isNotRepeatedInFull() {
        assertThatThrownBy(() -> read("{\"a\":\"" + "x".repeat(10_000) + ":1\"}").parsed("a", Digest::parse))
            .hasMessageStartingWith("a: unsupported digest algorithm: xxx")
            .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(400));
    }

    @Test
    void instant_withOffset_isTheSameMoment() {
        assertThat(read("{\"a\":\"2026-01-01T02:00:00+02:00\"}").instant("a")).isEqualTo("2026-01-01T00:00:00Z");
    }

    private static JsonFields read(String text) {
        return JsonText.read(text.getBytes(StandardCharsets.UTF_8), 1 << 20);
    }
}
