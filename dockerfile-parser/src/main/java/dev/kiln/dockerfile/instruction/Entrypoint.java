package dev.kiln.dockerfile.instruction;

import dev.kiln.dockerfile.lex.RawInstruction;

/** Sets what the image always runs. */
public record Entrypoint(Origin origin, CommandLine command) implements Instruction {

    static Entrypoint parse(RawInstruction raw) {
        Flags.refuseAny(raw);
        return new Entrypoint(Origin.of(raw), CommandLine.of(raw));
    }
}
