package dev.kiln.dockerfile.instruction;

import java.util.Optional;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static dev.kiln.dockerfile.instruction.Instructions.assertRefused;
import static dev.kiln.dockerfile.instruction.Instructions.parse;
import static org.assertj.core.api.Assertions.assertThat;

class ArgTest {

    @Test
    @Tag("row:1.16")
    @Tag("row:11.9")
    void arg_severalDeclarations_areRead() {
        Arg arg = parse(Arg.class, "# b the second\nARG a b=\"x y\" c=");

        assertThat(arg.declarations()).containsExactly(
                new Arg.Declaration("a", Optional.empty(), Optional.empty()),
                new Arg.Declaration("b", Optional.of("\"x y\""), Optional.of("the second")),
                new Arg.Declaration("c", Optional.of(""), Optional.empty()));
    }

    @Test
    void arg_malformed_isRefused() {
        assertRefused("ARG").hasMessage("ARG requires at least one argument");
        assertRefused("ARG =a").hasMessage("ARG names can not be blank");
        assertThat(parse(Arg.class, "ARG --x a").declarations()).hasSize(1);
    }
}
