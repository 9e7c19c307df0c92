package dev.kiln.dockerfile.instruction;

import java.util.List;

import dev.kiln.dockerfile.lex.RawInstruction;

/** Sets environment variables for what follows and for the image. */
public record Env(Origin origin, List<KeyValue> pairs) implements Instruction {

    public Env {
        pairs = List.copyOf(pairs);
    }

    static Env parse(RawInstruction raw) {
        Flags.refuseAny(raw);
        return new Env(Origin.of(raw), KeyValue.parseAll(raw, "ENV"));
    }
}
