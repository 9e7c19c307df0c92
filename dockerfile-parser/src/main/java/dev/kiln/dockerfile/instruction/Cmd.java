package dev.kiln.dockerfile.instruction;

import dev.kiln.dockerfile.lex.RawInstruction;

/** Sets what the image runs, or the arguments of its entrypoint. */
public record Cmd(Origin origin, CommandLine command) implements Instruction {

    static Cmd parse(RawInstruction raw) {
        Flags.refuseAny(raw);
        return new Cmd(Origin.of(raw), CommandLine.of(raw));
    }
}
