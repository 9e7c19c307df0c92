package dev.kiln.dockerfile.instruction;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.dockerfile.DockerfileParser;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.SourceRange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ControlsTest {

    private static List<Control> above(String comments, String instruction) {
        return DockerfileParser.parse("FROM a\n" + comments + "\n" + instruction + "\n")
            .stages()
            .getFirst()
            .instructions()
            .getFirst()
            .origin()
            .controls();
    }

    private static void assertRefused(String file, String message, int line) {
        assertThatThrownBy(() -> DockerfileParser.parse(file)).isInstanceOf(DockerfileException.class)
            .hasMessageContaining(message)
            .satisfies(e -> assertThat(((DockerfileException) e).ranges().getFirst().startLine()).isEqualTo(line));
    }

    @ParameterizedTest
    @ValueSource(strings = {"RUN a", "COPY a b", "ADD a b", "run <<E\na\nE"})
    void noCache_aboveAStep_isRead(String instruction) {
        assertThat(above("# kiln:no-cache", instruction))
            .containsExactly(new Control.NoCache(SourceRange.ofLine(2, 3, 13)));
        assertThat(above("  #kiln:no-cache\t", instruction))
            .containsExactly(new Control.NoCache(SourceRange.ofLine(2, 4, 13)));
    }

    @Test
    void ttl_isADuration() {
        assertThat(above("# fetched daily\n# kiln:ttl=1h30m\n# really\n\n", "RUN a"))
            .containsExactly(new Control.TimeToLive(Duration.ofMinutes(90), SourceRange.ofLine(3, 3, 14)));
    }

    @Test
    void control_aboveAStage_isOfItsFrom_alsoAtTheTopOfTheFile() {
        var file = DockerfileParser.parse("# kiln:ttl=24h\nFROM a\nRUN a\n# kiln:no-cache\nFROM b\n");
        assertThat(file.stages().get(0).from().origin().controls()).hasSize(1);
        assertThat(file.stages().get(0).instructions().getFirst().origin().controls()).isEmpty();
        assertThat(file.stages().get(1).from().origin().controls()).hasSize(1);
        var directives = DockerfileParser.parse("# escape=`\n# kiln:no-cache\nFROM a\n");
        assertThat(directives.stages().getFirst().from().origin().controls()).hasSize(1);
        assertThat(directives.directives().escapeCharacter()).isEqualTo('`');
    }

    @Test
    void emptyComment_doesNotTakeItAway() {
        assertThat(above("# kiln:no-cache\n#\n# what it does", "RUN a")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"# kiln is a builder", "# kiln: no-cache", "# see kiln:no-cache", "# kiln:", "# kiln:8080",
        "# Kiln:no-cache"})
    void comment_ofAnotherMeaning_staysAComment(String comment) {
        assertThat(above(comment, "RUN a")).isEmpty();
        assertThat(DockerfileParser.parse("FROM a\n" + comment + "\nRUN a\n" + comment + "\n").stages()).hasSize(1);
    }

    @Test
    void control_isNoDescription() {
        assertThat(DockerfileParser.parse("FROM a\n# one\n# kiln:no-cache\n# two\nRUN a\n")
            .stages()
            .getFirst()
            .instructions()
            .getFirst()
            .origin()
            .comments()).containsExactly("one", "two");
    }

    @Test
    void malformed_isRefusedWithItsLine() {
        assertRefused("FROM a\n# kiln:no-cach\nRUN a\n", "did you mean kiln:no-cache?", 2);
        assertRefused("FROM a\n# kiln:no-cache=1\nRUN a\n", "takes no value", 2);
        assertRefused("FROM a\n# kiln:no-cache for now\nRUN a\n", "there is no comment kiln:no-cache for now", 2);
        assertRefused("FROM a\n\n# kiln:ttl\nRUN a\n", "takes a duration, as in kiln:ttl=24h", 3);
        assertRefused("FROM a\n# kiln:ttl=\nRUN a\n", "invalid duration", 2);
        assertRefused("FROM a\n# kiln:ttl=1d\nRUN a\n", "unknown unit", 2);
        assertRefused("FROM a\n# kiln:ttl=0s\nRUN a\n", "must be more than 0", 2);
        assertRefused("FROM a\n# kiln:ttl=-1h\nRUN a\n", "must be more than 0", 2);
    }

    @Test
    void discardOnFailure_goesWithOthers_aboveARunOnly() {
        assertThat(above("# kiln:cache-on-failure=discard\n# kiln:ttl=1h", "RUN a")).containsExactly(
                new Control.DiscardOnFailure(SourceRange.ofLine(2, 3, 29)),
                new Control.TimeToLive(Duration.ofHours(1), SourceRange.ofLine(3, 3, 11)));
        assertRefused("FROM a\n# kiln:cache-on-failure=discard\nCOPY a b\n", "has no effect on COPY; it goes above", 2);
        assertRefused("# kiln:cache-on-failure=discard\nFROM a\n", "has no effect on FROM; it goes above a RUN", 1);
        assertRefused("FROM a\n# kiln:cache-on-failure\nRUN a\n", "takes the value discard", 2);
        assertRefused("FROM a\n# kiln:cache-on-failure=keep\nRUN a\n", "takes the value discard", 2);
        assertRefused("FROM a\n# kiln:cache-on-failure=discard\n# kiln:cache-on-failure=discard\nRUN a\n",
                "says again what line 2 says", 3);
    }

    @Test
    void twice_isRefused() {
        assertRefused("FROM a\n# kiln:ttl=1h\n# kiln:ttl=2h\nRUN a\n", "says again what line 2 says", 3);
        assertRefused("FROM a\n# kiln:ttl=1h\n# kiln:no-cache\nRUN a\n", "contradict each other", 3);
    }

    @Test
    void whereItCanHaveNoEffect_isRefused() {
        assertRefused("FROM a\n# kiln:no-cache\nENV a=b\n", "has no effect on ENV", 2);
        assertRefused("FROM a\n# kiln:no-cache\nONBUILD RUN a\n", "has no effect on ONBUILD", 2);
        assertRefused("# kiln:ttl=1h\nARG a\nFROM a\n", "has no effect on ARG", 1);
        assertRefused("FROM a\nRUN a\n# kiln:no-cache\n", "stands above no instruction", 3);
        assertRefused("FROM a\nRUN a \\\n# kiln:no-cache\n b\n", "stands within an instruction", 3);
    }
}
