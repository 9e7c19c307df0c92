package dev.kiln.dockerfile;

import java.io.IOException;
import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import dev.kiln.dockerfile.source.DockerfileException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class RefusedGoldenTest {

    static List<GoldenCase> cases() {
        return GoldenCase.of("refused");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void parse_case_failsAsDescribed(GoldenCase golden) throws IOException {
        byte[] file = golden.bytes("Dockerfile");
        DockerfileException refused = catchThrowableOfType(DockerfileException.class,
                () -> DockerfileParser.parse(file));
        assertThat(refused).isNotNull();
        assertThat(refused.describe("Dockerfile") + "\n").isEqualTo(golden.text("error"));
    }
}
