package dev.kiln.dockerfile.instruction;

import org.assertj.core.api.AbstractThrowableAssert;

import dev.kiln.dockerfile.lex.Lexer;
import dev.kiln.dockerfile.source.DockerfileException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Parses a single instruction. */
final class Instructions {

    private Instructions() {}

    static <I extends Instruction> I parse(Class<I> type, String text) {
        Instruction parsed = InstructionParser.parse(Lexer.lex(text).instructions().getFirst());
        assertThat(parsed).isInstanceOf(type);
        return type.cast(parsed);
    }

    static AbstractThrowableAssert<?, ? extends Throwable> assertRefused(String text) {
        return assertThatThrownBy(() -> InstructionParser.parse(Lexer.lex(text).instructions().getFirst()))
            .isInstanceOf(DockerfileException.class)
            .satisfies(refused -> assertThat(((DockerfileException) refused).ranges()).isNotEmpty());
    }
}
