package dev.kiln.dockerfile.lint;

import java.io.IOException;
import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import dev.kiln.dockerfile.GoldenCase;

import static org.assertj.core.api.Assertions.assertThat;

class LinterGoldenTest {

    static List<GoldenCase> cases() {
        return GoldenCase.of("lint");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void lint_case_findsWhatIsExpected(GoldenCase golden) throws IOException {
        assertThat(LintCase.text(LintCase.lint(golden))).isEqualTo(golden.text("expected"));
    }
}
