package dev.kiln.dockerfile.instruction;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static dev.kiln.dockerfile.instruction.Instructions.assertRefused;
import static dev.kiln.dockerfile.instruction.Instructions.parse;
import static org.assertj.core.api.Assertions.assertThat;

class MaintainerTest {

    @Test
    @Tag("row:9.11")
    void maintainer_argument_isEverythingUpToTheEnd() {
        assertThat(parse(Maintainer.class, "maintainer   $a b  c ").name()).isEqualTo("$a b  c");
    }

    @Test
    void maintainer_malformed_isRefused() {
        assertRefused("MAINTAINER").hasMessage("MAINTAINER requires exactly one argument");
        assertRefused("MAINTAINER --x a").hasMessage("unknown flag: --x");
    }
}
