package dev.kiln.dockerfile.source;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SuggestionTest {

    private static final List<String> OPTIONS = List.of("from", "chown", "chmod");

    @Test
    void append_nearWord_suggestsTheNearest() {
        assertThat(Suggestion.append("no", "chwon", OPTIONS)).isEqualTo("no (did you mean chown?)");
        assertThat(Suggestion.append("no", "chmo", OPTIONS)).isEqualTo("no (did you mean chmod?)");
    }

    @Test
    void append_farExactOrHugeWord_suggestsNothing() {
        assertThat(Suggestion.append("no", "exclude", OPTIONS)).isEqualTo("no");
        assertThat(Suggestion.append("no", "from", OPTIONS)).isEqualTo("no");
        assertThat(Suggestion.append("no", "f".repeat(1_000_000), OPTIONS)).isEqualTo("no");
    }

    @Test
    void appendIgnoringCase_word_setsTheCase() {
        assertThat(Suggestion.appendIgnoringCase("no", "FORM", OPTIONS)).isEqualTo("no (did you mean FROM?)");
        assertThat(Suggestion.appendIgnoringCase("no", "form", OPTIONS)).isEqualTo("no (did you mean from?)");
        assertThat(Suggestion.appendIgnoringCase("no", "From", OPTIONS)).isEqualTo("no");
    }
}
