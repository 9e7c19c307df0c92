package dev.kiln.dockerfile.instruction;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static dev.kiln.dockerfile.instruction.Instructions.assertRefused;
import static dev.kiln.dockerfile.instruction.Instructions.parse;
import static org.assertj.core.api.Assertions.assertThat;

class WorkdirTest {

    @Test
    @Tag("row:9.6")
    void workdir_argument_isEverythingUpToTheEnd() {
        assertThat(parse(Workdir.class, "workdir   $a b  c ").path()).isEqualTo("$a b  c");
    }

    @Test
    void workdir_malformed_isRefused() {
        assertRefused("WORKDIR").hasMessage("WORKDIR requires exactly one argument");
        assertRefused("WORKDIR --x a").hasMessage("unknown flag: --x");
    }
}
