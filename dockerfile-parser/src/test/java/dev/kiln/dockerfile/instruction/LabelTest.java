package dev.kiln.dockerfile.instruction;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static dev.kiln.dockerfile.instruction.Instructions.assertRefused;
import static dev.kiln.dockerfile.instruction.Instructions.parse;
import static org.assertj.core.api.Assertions.assertThat;

class LabelTest {

    @Test
    @Tag("row:9.2")
    void label_pairs_keepQuotesInKeys() {
        assertThat(parse(Label.class, "LABEL \"a b\"=c d='e'").pairs()).containsExactly(
                new KeyValue("\"a b\"", "c", false), new KeyValue("d", "'e'", false));
    }

    @Test
    void label_malformed_isRefused() {
        assertRefused("LABEL").hasMessage("LABEL requires at least one argument");
        assertRefused("LABEL a").hasMessage("LABEL must have two arguments");
    }
}
