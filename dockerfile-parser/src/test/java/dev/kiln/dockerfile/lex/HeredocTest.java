package dev.kiln.dockerfile.lex;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.dockerfile.expand.Scope;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.SourceRange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class HeredocTest {

    private static List<Heredoc> heredocs(String text) {
        return heredocs(text, 0);
    }

    private static List<Heredoc> heredocs(String text, int instruction) {
        return Lexer.lex(text).instructions().get(instruction).heredocs();
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '~', value = {"<<EOF,EOF,true,false", "<<-EOF,EOF,true,true", "<<'EOF',EOF,false,false",
        "<<\"EOF\",EOF,false,false", "<<E\"O\"F,EOF,false,false", "<< EOF,EOF,true,false", "3<<EOF,EOF,true,false",
        "<<eo\\'f,eo'f,true,false", "<<'e'o\\'f,eo'f,false,false", "<<'a b',a b,false,false", "<<$X,$X,true,false",
        "<<file.txt,file.txt,true,false", "<< -EOF,-EOF,true,false"})
    @Tag("row:7.1")
    @Tag("row:7.3")
    void word_form_isRead(String word, String name, boolean expand, boolean chomp) {
        assertThat(HeredocWord.parse(word)).contains(new HeredocWord(name, expand, chomp));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "EOF", "<<", "<<-", "<EOF", "<<<EOF", "<<EOF sh", "<<'EOF", "<<EOF\"", "a<<EOF"})
    @Tag("row:7.1")
    void word_otherForm_announcesNothing(String word) {
        assertThat(HeredocWord.parse(word)).isEmpty();
    }

    @Test
    @Tag("row:1.2")
    void body_keepsLineEndsAndComments() {
        Heredoc heredoc = heredocs("RUN <<E\r\n# a\r\n\\\r\n\r\nE\r\n").getFirst();

        assertThat(heredoc.content()).isEqualTo("# a\r\n\\\r\n\r\n");
    }

    @Test
    @Tag("row:7.2")
    void body_chomped_losesLeadingTabsOnly() {
        Heredoc heredoc = heredocs("COPY <<-E /a\n\t\ta\n\t b\tc\n\n\tE\n").getFirst();

        assertThat(heredoc.content()).isEqualTo("\t\ta\n\t b\tc\n\n");
        assertThat(heredoc.body()).isEqualTo("a\n b\tc\n\n");
    }

    @Test
    @Tag("row:7.2")
    void body_delimiterOfTheOther_isContent() {
        assertThat(heredocs("COPY <<X <<Y /d\nY\nX\nX\nY\n")).extracting(Heredoc::content)
            .containsExactly("Y\n",
                    "X\n");
    }

    @Test
    @Tag("row:7.1")
    void announcement_afterBlank_isOneWord() {
        assertThat(heredocs("RUN <<  EOF  > foo\na\nEOF\n")).extracting(Heredoc::content).containsExactly("a\n");
    }

    @Test
    @Tag("row:2.3")
    void announcement_escapeIsBacktick_stillReadsBackslash() {
        assertThat(Lexer.lex("#escape=`\nRUN <<a\\'b\nx\na'b\n").instructions().getFirst().heredocs()).hasSize(1);
    }

    @Test
    @Tag("row:7.3")
    @Tag("row:7.6")
    void expanded_variables_areReplacedUnlessQuoted() {
        Scope scope = Scope.of(Map.of("x", "1"));

        assertThat(heredocs("COPY <<A <<'B' /d\n\"$x\" \\$x\nA\n$x\nB\n")).extracting(body -> body.expanded(scope))
            .containsExactly("\"1\" $x\n", "$x\n");
    }

    @ParameterizedTest
    @CsvSource({"COPY <<E /d,3,3", "COPY <<-E /d,3,3", "ONBUILD COPY <<E /d,3,3"})
    @Tag("row:7.6")
    void expanded_error_isLocatedInTheBody(String copy, int line, int column) {
        Heredoc heredoc = heredocs(copy + "\nok\nb ${x:?boom}\r\nok\nE\n").getFirst();

        assertThatThrownBy(() -> heredoc.expanded(Scope.EMPTY)).isInstanceOfSatisfying(DockerfileException.class,
                failed -> {
                    assertThat(failed.message()).contains("x: boom").startsWith("failed to process");
                    assertThat(failed.ranges()).containsExactly(SourceRange.ofLine(line, column, 1));
                    assertThat(failed.offendingText().strip()).isEqualTo("b ${x:?boom}");
                });
    }

    @Test
    void expanded_errorBehindTabs_countsThem() {
        Heredoc heredoc = heredocs("RUN x\nCOPY <<-E /d\n\tok\n\t\tb ${x\n\tE\n", 1).getFirst();

        assertThatThrownBy(() -> heredoc.expanded(Scope.EMPTY)).isInstanceOfSatisfying(DockerfileException.class,
                failed -> assertThat(failed.ranges()).containsExactly(SourceRange.ofLine(4, 5, 1)));
    }

    @Test
    void expanded_errorInTrigger_isLocatedWhereItComesFrom() {
        SourceRange place = SourceRange.ofLine(7, 1, 4);
        Heredoc heredoc = Lexer.lex("COPY <<E /d\n${\nE")
            .instructions()
            .getFirst()
            .movedTo(place)
            .heredocs()
            .getFirst();

        assertThatThrownBy(() -> heredoc.expanded(Scope.EMPTY)).isInstanceOfSatisfying(DockerfileException.class,
                failed -> assertThat(failed.ranges()).containsExactly(place));
    }
}
