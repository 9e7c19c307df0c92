package dev.kiln.dockerfile.expand;

import java.util.Map;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;

import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ExpanderTest {

    private static final Scope SCOPE = Scope.of(Map.of("home", "/root", "empty", "", "path", "/a/b/a.tar.gz", "stars",
            "a*b*c", "word", "한국어", "blanks", " x  y ", "slash", "\\", "pattern", "a*", "nl", "ab\ncb"));
    private static final Expander EXPANDER = new Expander('\\');

    @ParameterizedTest(name = "{0}")
    @CsvFileSource(resources = "/expand/words.txt", delimiter = '|', quoteCharacter = 0x01, emptyValue = "")
    @Tag("row:3.1")
    @Tag("row:3.2")
    @Tag("row:3.3")
    @Tag("row:3.4")
    @Tag("row:3.5")
    @Tag("row:3.6")
    @Tag("row:3.7")
    @Tag("row:3.8")
    @Tag("row:3.9")
    void word_form_expandsAsListed(String raw, String expected) {
        String wanted = expected == null ? "" : expected;
        if (wanted.startsWith("ERROR ")) {
            assertThatThrownBy(() -> EXPANDER.word(raw, SCOPE)).isInstanceOfSatisfying(DockerfileException.class,
                    failed -> {
                        assertThat(failed.message()).contains(wanted.substring("ERROR ".length()));
                        assertThat(failed.message()).startsWith("failed to process \"" + raw + "\": ");
                        assertThat(failed.code()).isEqualTo(Code.EXPANSION);
                    });
        } else {
            assertThat(EXPANDER.word(raw, SCOPE)).isEqualTo(wanted);
        }
    }

    @Test
    @Tag("row:3.10")
    void words_unquotedBlanks_split() {
        assertThat(EXPANDER.words("a$blanks\"b c\" d\\ e '' ${home:+f g}", SCOPE)).containsExactly("a", "x", "y", "b c",
                "d e", "f", "g");
        assertThat(EXPANDER.words("\"$blanks\"", SCOPE)).containsExactly(" x  y ");
        assertThat(EXPANDER.words(" $empty ", SCOPE)).isEmpty();
        assertThat(EXPANDER.words("${none:-81}/tcp 8$empty$word", SCOPE)).containsExactly("81/tcp", "8한국어");
    }

    @Test
    @Tag("row:3.10")
    void words_expressionWithWord_losesWhatStoodBeforeIt() {
        assertThat(EXPANDER.words("80${none:-81}/tcp a\"b${none:-c}\"d e${home#/}f", SCOPE)).containsExactly("81/tcp",
                "bcd", "rootf");
        assertThat(EXPANDER.word("80${none:-81}/tcp", SCOPE)).isEqualTo("8081/tcp");
    }

    @Test
    @Tag("row:3.6")
    void word_replaceAll_takesReferencesToTheMatch() {
        Scope scope = Scope.of(Map.of("v", "aXbX", "r", "$5-$0-$$-${0}-$x.-${-$"));

        assertThat(EXPANDER.word("${v//X/$r}", scope)).isEqualTo("a-X-$-X-.-${-$b-X-$-X-.-${-$");
        assertThat(EXPANDER.word("${v/X/$r}", scope)).isEqualTo("a$5-$0-$$-${0}-$x.-${-$bX");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"ab${none:?x} | 2", "${home:-${none:?x}} | 8", "${home}$home'c | 12",
        "\"${home}${ho:=} | 8", "a ${home#b\\x} | 2"})
    @Tag("row:3.4")
    void word_error_knowsWhereItBegins(String raw, int offset) {
        assertThatThrownBy(() -> EXPANDER.word(raw, SCOPE)).isInstanceOfSatisfying(DockerfileException.class,
                failed -> assertThat(failed.offset()).hasValue(offset));
    }

    @Test
    void body_error_quotesItsLineOnly() {
        assertThatThrownBy(() -> Expander.body("one\ntwo ${none:?boom}\nthree\n", SCOPE))
            .isInstanceOf(DockerfileException.class)
            .hasMessage("failed to process \"two ${none:?boom}\": none: boom");
    }

    @Test
    void expand_variables_areReported() {
        Expansion expansion = EXPANDER.expand("$home ${no:-${empty:-$path}} $home $other", SCOPE);

        assertThat(expansion.used()).containsExactly("home", "path", "empty");
        assertThat(expansion.unset()).containsExactly("no", "other");
    }

    @Test
    @Tag("row:3.9")
    void word_backtickEscape_leavesBackslashesAlone() {
        assertThat(new Expander('`').word("C:\\a`$home \"`\"\\\"", SCOPE)).isEqualTo("C:\\a$home \"\\");
    }

    @Test
    @Tag("row:3.14")
    void display_unsetVariables_stay() {
        assertThat(EXPANDER.display("RUN echo \"$home\" $no ${no:-x} '${home}'", SCOPE)).isEqualTo(
                "RUN echo \"/root\" $no ${no:-x} '${home}'");
        assertThat(EXPANDER.display("RUN echo \"", SCOPE)).isEqualTo("RUN echo \"");
    }

    @Test
    void body_quotes_meanNothing() {
        assertThat(Expander.body("it's \"$home\" \\$home \\\\ $none.\n", SCOPE))
            .isEqualTo("it's \"/root\" $home \\ .\n");
    }

    @Test
    void shellWords_text_staysAsItStands() {
        assertThat(Expander.shellWords("RUN <<  EOF \"a b\" c\\ d $x ${y:-z}")).containsExactly("RUN", "<<  EOF",
                "\"a b\"", "c\\ d", "$x", "${y:-z}");
        assertThat(Expander.shellWords("RUN ${x:=y} <<E")).containsExactly("RUN", "${x:=y}", "<<E");
    }

    @Test
    @Tag("row:3.15")
    void word_nameInOtherCase_isAnotherVariable() {
        assertThat(EXPANDER.word("$HOME$Home$home", SCOPE)).isEqualTo("/root");
    }

    @Test
    void scope_orElse_asksTheOtherForWhatIsNotSet() {
        Scope both = Scope.of(Map.of("empty", "")).orElse(Scope.of(Map.of("empty", "x", "b", "y")));

        assertThat(new Expander('\\').word("[$empty$b$c]", both)).isEqualTo("[y]");
    }

    @Test
    @Tag("row:3.8")
    void word_deepNesting_isRefusedNotOverflown() {
        String deep = "${a:-".repeat(100_000) + "x" + "}".repeat(100_000);

        assertThat(EXPANDER.word("${a:-".repeat(200) + "x" + "}".repeat(200), SCOPE)).isEqualTo("x");
        assertThatThrownBy(() -> EXPANDER.word(deep, SCOPE)).isInstanceOfSatisfying(DockerfileException.class,
                failed -> assertThat(failed.code()).isEqualTo(Code.TOO_LARGE));
    }

    @Test
    void word_explodingResult_isRefused() {
        Scope large = name -> java.util.Optional.of("x".repeat(1_000));

        assertThatThrownBy(() -> EXPANDER.word("$a".repeat(2_000), large)).isInstanceOfSatisfying(
                DockerfileException.class, failed -> assertThat(failed.code()).isEqualTo(Code.TOO_LARGE));
        assertThatThrownBy(() -> EXPANDER.word("${a//x/" + "y".repeat(10_000) + "}", large)).isInstanceOfSatisfying(
                DockerfileException.class, failed -> assertThat(failed.code()).isEqualTo(Code.TOO_LARGE));
        Scope references = Scope.of(Map.of("v", "x".repeat(1_000), "r", "$0".repeat(30_000)));
        assertThatThrownBy(() -> EXPANDER.word("${v//*/$r}", references)).isInstanceOfSatisfying(
                DockerfileException.class, failed -> assertThat(failed.code()).isEqualTo(Code.TOO_LARGE));
    }

    @Test
    @Tag("row:3.7")
    void word_patternThatBacktracks_takesNoTime() {
        Scope scope = Scope.of(Map.of("v", "a".repeat(50_000)));

        assertThat(EXPANDER.word("${v#" + "a*".repeat(20) + "b}", scope)).hasSize(50_000);
        assertThat(EXPANDER.word("${v//" + "a*".repeat(20) + "b/}", scope)).hasSize(50_000);
        assertThatThrownBy(() -> EXPANDER.word("${v%" + "a*".repeat(5_000) + "b}", scope)).isInstanceOfSatisfying(
                DockerfileException.class, failed -> assertThat(failed.code()).isEqualTo(Code.TOO_LARGE));
    }
}
