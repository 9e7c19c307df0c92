package dev.kiln.dockerfile.lex;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.SourceRange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class LexerTest {

    private static RawInstruction only(String text) {
        LexedFile file = Lexer.lex(text);
        assertThat(file.instructions()).hasSize(1);
        return file.instructions().getFirst();
    }

    @Test
    @Tag("row:1.6")
    @Tag("row:1.9")
    void ranges_continuedInstruction_pointIntoTheFile() {
        RawInstruction copy = only("\n  COPY --from=a \\\n# no\n    bb \\\n  /dst  \n");

        assertThat(copy.range()).isEqualTo(new SourceRange(2, 3, 5, 7));
        assertThat(copy.keyword().range()).isEqualTo(SourceRange.ofLine(2, 3, 4));
        assertThat(copy.flags().getFirst().range()).isEqualTo(SourceRange.ofLine(2, 8, 8));
        assertThat(copy.arguments().words()).extracting(Word::range)
            .containsExactly(SourceRange.ofLine(4, 5, 2),
                    SourceRange.ofLine(5, 3, 4));
        assertThat(copy.text()).isEqualTo("COPY --from=a     bb   /dst");
    }

    @Test
    @Tag("row:1.1")
    void ranges_byteOrderMark_doesNotCount() {
        assertThat(only("\uFEFFRUN a").range()).isEqualTo(SourceRange.ofLine(1, 1, 5));
    }

    @Test
    void ranges_wordAcrossLines_spansThem() {
        assertThat(only("RUN a\\\nb").arguments().words().getFirst()).isEqualTo(
                new Word("ab", new SourceRange(1, 5, 2, 2)));
    }

    @Test
    @Tag("row:1.9")
    void ranges_heredoc_isPartOfTheInstruction() {
        RawInstruction run = only("RUN <<A <<B\na\nA\nb\nB\n");

        assertThat(run.range()).isEqualTo(new SourceRange(1, 1, 5, 2));
        assertThat(run.heredocs()).extracting(Heredoc::range)
            .containsExactly(new SourceRange(2, 1, 3, 2),
                    new SourceRange(4, 1, 5, 2));
    }

    @Test
    @Tag("row:1.20")
    void comments_rightAbove_belongToTheInstruction() {
        LexedFile file = Lexer.lex("# gone\n#\n# a one\n\n  #   b two\nARG a b\nARG c\n");

        assertThat(file.instructions().get(0).comments()).containsExactly("a one", "#   b two");
        assertThat(file.instructions().get(1).comments()).isEmpty();
    }

    @Test
    @Tag("row:1.8")
    void emptyContinuation_isRemembered() {
        LexedFile file = Lexer.lex("RUN a \\\n\n  b\nRUN c\n");

        assertThat(file.emptyContinuations()).containsExactly(new SourceRange(1, 1, 3, 4));
    }

    @Test
    @Tag("row:1.3")
    void line_longestAllowed_isRead() {
        assertThat(only("RUN " + "a".repeat(LineReader.LONGEST_LINE - 4) + "\n").text()).hasSize(
                LineReader.LONGEST_LINE);
    }

    @Test
    @Tag("row:1.3")
    void line_tooLong_isRefusedWhereItIs() {
        String text = "FROM scratch\nRUN " + "a".repeat(LineReader.LONGEST_LINE - 3) + "\n";

        assertThatThrownBy(() -> Lexer.lex(text)).isInstanceOfSatisfying(DockerfileException.class, refused -> {
            assertThat(refused.message()).isEqualTo("dockerfile line greater than max allowed size of 65535");
            assertThat(refused.code()).isEqualTo(DockerfileException.Code.TOO_LARGE);
            assertThat(refused.ranges().getFirst().startLine()).isEqualTo(2);
        });
    }

    @Test
    @Tag("row:2.1")
    @Tag("row:2.3")
    @Tag("row:2.4")
    void directives_knownOnes_areRead() {
        Directives directives = Lexer.lex("# Syntax = a/b:1 opts\n#check=skip=all;error=false // why\n#escape=`\nRUN a")
            .directives();

        assertThat(directives.syntax().orElseThrow().firstWord()).isEqualTo("a/b:1");
        assertThat(directives.syntax().orElseThrow().value()).isEqualTo("a/b:1 opts");
        assertThat(directives.escapeCharacter()).isEqualTo('`');
        CheckOptions check = CheckOptions.parse(directives.check().orElseThrow());
        assertThat(check.skip()).containsExactly("all");
        assertThat(check.failOnFindings()).isFalse();
    }

    @Test
    @Tag("row:2.1")
    void directives_unknownName_endsThem() {
        assertThat(Lexer.lex("# key=value\n# escape=`\nRUN a").directives().escape()).isEmpty();
    }

    @Test
    @Tag("row:2.4")
    void checkOptions_lists_areSplit() {
        Directive directive = new Directive("skip=A,B;experimental=all;error=true", SourceRange.ofLine(1, 1, 1));

        assertThat(CheckOptions.parse(directive).skip()).containsExactlyInAnyOrder("A", "B");
        assertThat(CheckOptions.parse(directive).experimental()).containsExactly("all");
        assertThat(CheckOptions.parse(directive).failOnFindings()).isTrue();
    }
}
