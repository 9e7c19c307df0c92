package dev.kiln.dockerfile.stage;

import java.util.Map;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.kiln.dockerfile.Dockerfile;
import dev.kiln.dockerfile.DockerfileParser;
import dev.kiln.dockerfile.source.DockerfileException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class GlobalArgumentsTest {

    private static GlobalArguments evaluate(String arguments, Map<String, String> requested) {
        Dockerfile file = DockerfileParser.parse(arguments + "\nFROM scratch");
        return GlobalArguments.evaluate(file.globalArguments(), Map.of("TARGETARCH", "amd64"), requested,
                file.expander());
    }

    @Test
    @Tag("row:4.1")
    void evaluate_defaults_seeWhatCameBefore() {
        GlobalArguments globals = evaluate("ARG A=1 B=$A-$TARGETARCH\nARG A=${A}2 C\nARG D=$C$none", Map.of());

        assertThat(globals.get("A")).contains("12");
        assertThat(globals.get("B")).contains("1-amd64");
        assertThat(globals.get("C")).isEmpty();
        assertThat(globals.get("D")).contains("");
    }

    @Test
    @Tag("row:4.1")
    void evaluate_request_replacesTheDefaultUnseen() {
        GlobalArguments globals = evaluate("ARG A=${broken:?}\nARG B", Map.of("A", "$x", "B", "b", "OTHER", "c"));

        assertThat(globals.get("A")).contains("$x");
        assertThat(globals.get("B")).contains("b");
        assertThat(globals.get("OTHER")).isEmpty();
    }

    @Test
    @Tag("row:4.7")
    void evaluate_predefined_isOverriddenByTheRequest() {
        assertThat(evaluate("", Map.of("TARGETARCH", "arm64")).get("TARGETARCH")).contains("arm64");
    }

    @Test
    @Tag("row:4.1")
    void evaluate_malformedDefault_isLocated() {
        assertThatThrownBy(() -> evaluate("ARG A\nARG B=${A:?needed}", Map.of())).isInstanceOfSatisfying(
                DockerfileException.class, failed -> assertThat(failed.describe("Dockerfile")).isEqualTo(
                        "Dockerfile:2:1: failed to process \"${A:?needed}\": A: needed\n    ARG B=${A:?needed}"));
    }
}
