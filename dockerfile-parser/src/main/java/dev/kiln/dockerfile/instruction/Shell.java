package dev.kiln.dockerfile.instruction;

import java.util.List;

import dev.kiln.dockerfile.lex.RawInstruction;
import dev.kiln.dockerfile.lex.Word;

/** Sets the shell of shell-form commands from here on. */
public record Shell(Origin origin, List<String> arguments) implements Instruction {

    public Shell {
        arguments = List.copyOf(arguments);
        if (arguments.isEmpty()) {
            throw new IllegalArgumentException("a shell needs at least one argument");
        }
    }

    static Shell parse(RawInstruction raw) {
        Flags.refuseAny(raw);
        Faults.requireArguments(raw, "SHELL");
        if (!raw.arguments().json()) {
            throw Faults.syntax(raw, "SHELL requires the arguments to be in JSON form");
        }
        return new Shell(Origin.of(raw), raw.arguments().words().stream().map(Word::text).toList());
    }
}
