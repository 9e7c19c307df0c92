package dev.kiln.dockerfile.source;

import org.junit.jupiter.api.Test;

import dev.kiln.dockerfile.source.DockerfileException.Code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DockerfileExceptionTest {

    private static final SourceRange WORD = SourceRange.ofLine(3, 5, 2);
    private static final SourceRange LINE = SourceRange.ofLine(3, 1, 9);

    @Test
    void at_errorWithoutPlace_givesIt() {
        DockerfileException located = new DockerfileException(Code.EXPANSION, "no").at(WORD, "$x");

        assertThat(located.ranges()).containsExactly(WORD);
        assertThat(located.describe("Dockerfile")).isEqualTo("Dockerfile:3:5: no\n    $x");
    }

    @Test
    void at_errorWithPlace_keepsTheInnerFirst() {
        DockerfileException located = new DockerfileException(Code.FLAG, "no", WORD, "$x").at(LINE, "RUN $x");

        assertThat(located.ranges()).containsExactly(WORD, LINE);
        assertThat(located.offendingText()).isEqualTo("$x");
        assertThat(located.code()).isEqualTo(Code.FLAG);
    }

    @Test
    void message_hugeInput_isClippedBetweenCharacters() {
        DockerfileException huge = new DockerfileException(Code.SYNTAX, "a" + "😀".repeat(100_000), WORD,
                "b".repeat(100_000));

        assertThat(huge.message()).hasSizeLessThan(1_010).endsWith("😀…");
        assertThat(huge.offendingText()).hasSizeLessThan(510);
    }

    @Test
    void describe_severalLines_areIndented() {
        assertThat(new DockerfileException(Code.SYNTAX, "no", LINE, "a\nb").describe("f")).isEqualTo(
                "f:3:1: no\n    a\n    b");
    }

    @Test
    void range_endBeforeStart_isRefused() {
        assertThatThrownBy(() -> new SourceRange(2, 1, 1, 9)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SourceRange(0, 1, 1, 9)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void range_to_joins() {
        assertThat(WORD.to(SourceRange.ofLine(7, 1, 4))).isEqualTo(new SourceRange(3, 5, 7, 5));
    }
}
