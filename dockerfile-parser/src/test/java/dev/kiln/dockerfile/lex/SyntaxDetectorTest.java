package dev.kiln.dockerfile.lex;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SyntaxDetectorTest {

    private static Optional<String> detect(String text) {
        return SyntaxDetector.detect(text.getBytes(StandardCharsets.UTF_8)).map(Directive::firstWord);
    }

    @Test
    @Tag("row:1.1")
    @Tag("row:2.2")
    void detect_commentForms_areFound() {
        assertThat(detect("# syntax = a:b // c\nFROM x")).contains("a:b");
        assertThat(detect("\uFEFF#syntax=a")).contains("a");
        assertThat(detect("//syntax=a\nwhatever")).contains("a");
        assertThat(detect("# check=skip=all\n# escape=`\n# syntax=a\n")).contains("a");
    }

    @Test
    @Tag("row:2.2")
    void detect_belowShebang_isFound() {
        assertThat(detect("#!/bin/sh\n# syntax=a\n")).contains("a");
        assertThat(detect("#!/bin/sh\n// syntax=a\n")).contains("a");
        assertThat(detect("#!/bin/sh\n\n# syntax=a\n")).isEmpty();
    }

    @Test
    @Tag("row:2.2")
    void detect_json_isFoundIfWhole() {
        assertThat(detect("{\"x\": [1, {\"y\": null}], \"syntax\": \"a\", \"z\": true}\n")).contains("a");
        assertThat(detect("{\"syntax\": \"a\"")).isEmpty();
        assertThat(detect("{\"syntax\": \"a\"}\nx")).isEmpty();
        assertThat(detect("{\"syntax\": 1}")).isEmpty();
        assertThat(detect("{}")).isEmpty();
    }

    @Test
    void detect_elsewhere_findsNothing() {
        assertThat(detect("FROM x\n# syntax=a\n")).isEmpty();
        assertThat(detect("# about\n# syntax=a\n")).isEmpty();
        assertThat(detect("")).isEmpty();
    }
}
