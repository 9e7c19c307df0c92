package dev.kiln.cli.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import dev.kiln.dockerfile.Dockerfile;
import dev.kiln.dockerfile.DockerfileParser;
import dev.kiln.dockerfile.outline.Outline;
import dev.kiln.dockerfile.outline.Targets;

import static org.assertj.core.api.Assertions.assertThat;

/** Each case has a Dockerfile and what {@code docker buildx build --call} printed for it. */
@Tag("row:11.8")
class CallGoldenTest {

    static List<Path> cases() throws Exception {
        try (Stream<Path> cases = Files.list(Path.of(CallGoldenTest.class.getResource("/call").toURI()))) {
            return cases.sorted().toList();
        }
    }

    private static Map<String, String> predefined() {
        Map<String, String> predefined = new LinkedHashMap<>();
        for (String name : List.of("TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT")) {
            predefined.put(name, "");
        }
        return predefined;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void call_ofACase_printsWhatBuildxDoes(Path folder) throws IOException {
        byte[] text = Files.readAllBytes(folder.resolve("Dockerfile"));
        Dockerfile file = DockerfileParser.parse(text);
        Outline outline = Outline.of(file, Optional.empty(), Map.of(), predefined());
        assertThat(OutlineFormat.text(outline)).isEqualTo(Files.readString(folder.resolve("outline.txt")));
        assertThat(OutlineFormat.json(outline, text)).isEqualTo(Files.readString(folder.resolve("outline.json")));
        Targets targets = Targets.of(file);
        assertThat(TargetsFormat.text(targets)).isEqualTo(Files.readString(folder.resolve("targets.txt")));
        assertThat(TargetsFormat.json(targets, text)).isEqualTo(Files.readString(folder.resolve("targets.json")));
    }
}
