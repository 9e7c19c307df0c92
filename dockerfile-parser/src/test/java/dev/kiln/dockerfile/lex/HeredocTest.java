package dev.kiln.dockerfile.lex;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class HeredocTest {

    private static List<Heredoc> heredocs(String text) {
        return Lexer.lex(text).instructions().getFirst().heredocs();
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '~', value = {"<<EOF,EOF,true,false", "<<-EOF,EOF,true,true", "<<'EOF',EOF,false,false",
        "<<\"EOF\",EOF,false,false", "<<E\"O\"F,EOF,false,false", "<< EOF,EOF,true,false", "3<<EOF,EOF,true,false",
        "<<eo\\'f,eo'f,true,false", "<<'e'o\\'f,eo'f,false,false", "<<'a b',a b,false,false", "<<$X,$X,true,false",
        "<<file.txt,file.txt,true,false", "<< -EOF,-EOF,true,false"})
    void word_form_isRead(String word, String name, boolean expand, boolean chomp) {
        assertThat(HeredocWord.parse(word)).contains(new HeredocWord(name, expand, chomp));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "EOF", "<<", "<<-", "<EOF", "<<<EOF", "<<EOF sh", "<<'EOF", "<<EOF\"", "a<<EOF"})
    void word_otherForm_announcesNothing(String word) {
        assertThat(HeredocWord.parse(word)).isEmpty();
    }

    @Test
    void body_keepsLineEndsAndComments() {
        Heredoc heredoc = heredocs("RUN <<E\r\n# a\r\n\\\r\n\r\nE\r\n").getFirst();

        assertThat(heredoc.content()).isEqualTo("# a\r\n\\\r\n\r\n");
    }

    @Test
    void body_chomped_losesLeadingTabsOnly() {
        Heredoc heredoc = heredocs("COPY <<-E /a\n\t\ta\n\t b\tc\n\n\tE\n").getFirst();

        assertThat(heredoc.content()).isEqualTo("\t\ta\n\t b\tc\n\n");
        assertThat(heredoc.body()).isEqualTo("a\n b\tc\n\n");
    }

    @Test
    void body_delimiterOfTheOther_isContent() {
        assertThat(heredocs("COPY <<X <<Y /d\nY\nX\nX\nY\n")).extracting(Heredoc::content)
            .containsExactly("Y\n",
                    "X\n");
    }

    @Test
    void announcement_afterBlank_isOneWord() {
        assertThat(heredocs("RUN <<  EOF  > foo\na\nEOF\n")).extracting(Heredoc::content).containsExactly("a\n");
    }

    @Test
    void announcement_escapeIsBacktick_stillReadsBackslash() {
        assertThat(Lexer.lex("#escape=`\nRUN <<a\\'b\nx\na'b\n").instructions().getFirst().heredocs()).hasSize(1);
    }
}
