package dev.kiln.dockerfile.instruction;

import dev.kiln.dockerfile.lex.RawInstruction;

/** Names the author of the image; deprecated in favour of a label. */
public record Maintainer(Origin origin, String name) implements Instruction {

    static Maintainer parse(RawInstruction raw) {
        String name = Faults.onlyArgument(raw, "MAINTAINER").text();
        Flags.refuseAny(raw);
        return new Maintainer(Origin.of(raw), name);
    }
}
