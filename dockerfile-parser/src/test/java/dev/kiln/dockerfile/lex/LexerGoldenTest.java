package dev.kiln.dockerfile.lex;

import java.io.IOException;
import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import dev.kiln.dockerfile.GoldenCase;

import static org.assertj.core.api.Assertions.assertThat;

class LexerGoldenTest {

    static List<GoldenCase> cases() {
        return GoldenCase.of("lex");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void dump_case_isTheResult(GoldenCase golden) throws IOException {
        assertThat(Lexer.lex(golden.bytes("Dockerfile")).dump() + "\n").isEqualTo(golden.text("result"));
    }
}
