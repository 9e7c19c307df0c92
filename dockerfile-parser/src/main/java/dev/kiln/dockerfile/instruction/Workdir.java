package dev.kiln.dockerfile.instruction;

import dev.kiln.dockerfile.lex.RawInstruction;

/**
 * Sets the working directory.
 *
 * @param path takes variables
 */
public record Workdir(Origin origin, String path) implements Instruction {

    static Workdir parse(RawInstruction raw) {
        String path = Faults.onlyArgument(raw, "WORKDIR").text();
        Flags.refuseAny(raw);
        return new Workdir(Origin.of(raw), path);
    }
}
