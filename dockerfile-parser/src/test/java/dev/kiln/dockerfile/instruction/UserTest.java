package dev.kiln.dockerfile.instruction;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static dev.kiln.dockerfile.instruction.Instructions.assertRefused;
import static dev.kiln.dockerfile.instruction.Instructions.parse;
import static org.assertj.core.api.Assertions.assertThat;

class UserTest {

    @Test
    @Tag("row:9.5")
    void user_argument_isEverythingUpToTheEnd() {
        assertThat(parse(User.class, "user   $a b  c ").user()).isEqualTo("$a b  c");
    }

    @Test
    void user_malformed_isRefused() {
        assertRefused("USER").hasMessage("USER requires exactly one argument");
        assertRefused("USER --x a").hasMessage("unknown flag: --x");
        assertRefused("USER --x").hasMessage("USER requires exactly one argument");
    }
}
