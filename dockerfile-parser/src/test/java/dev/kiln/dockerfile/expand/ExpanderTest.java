package dev.kiln.dockerfile.expand;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

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
    void words_unquotedBlanks_split() {
        assertThat(EXPANDER.words("a$blanks\"b c\" d\\ e '' ${home:+f g}", SCOPE)).containsExactly("a", "x", "y", "b c",
                "d e", "f", "g");
        assertThat(EXPANDER.words("\"$blanks\"", SCOPE)).containsExactly(" x  y ");
        assertThat(EXPANDER.words(" $empty ", SCOPE)).isEmpty();
        assertThat(EXPANDER.words("80${none:-81}/tcp", SCOPE)).containsExactly("8081/tcp");
    }

    @Test
    void expand_variables_areReported() {
        Expansion expansion = EXPANDER.expand("$home ${no:-${empty:-$path}} $home $other", SCOPE);

        assertThat(expansion.used()).containsExactly("home", "path", "empty");
        assertThat(expansion.unset()).containsExactly("no", "other");
    }

    @Test
    void word_backtickEscape_leavesBackslashesAlone() {
        assertThat(new Expander('`').word("C:\\a`$home \"`\"\\\"", SCOPE)).isEqualTo("C:\\a$home \"\\");
    }

    @Test
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
    }

    @Test
    void scope_orElse_asksTheOtherForWhatIsNotSet() {
        Scope both = Scope.of(Map.of("empty", "")).orElse(Scope.of(Map.of("empty", "x", "b", "y")));

        assertThat(new Expander('\\').word("[$empty$b$c]", both)).isEqualTo("[y]");
    }

    @Test
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
    }

    @Test
    void word_patternThatBacktracks_takesNoTime() {
        Scope scope = Scope.of(Map.of("v", "a".repeat(50_000)));

        assertThat(EXPANDER.word("${v#" + "a*".repeat(20) + "b}", scope)).hasSize(50_000);
        assertThat(EXPANDER.word("${v//" + "a*".repeat(20) + "b/}", scope)).hasSize(50_000);
        assertThatThrownBy(() -> EXPANDER.word("${v%" + "a*".repeat(5_000) + "b}", scope)).isInstanceOfSatisfying(
                DockerfileException.class, failed -> assertThat(failed.code()).isEqualTo(Code.TOO_LARGE));
    }
}
