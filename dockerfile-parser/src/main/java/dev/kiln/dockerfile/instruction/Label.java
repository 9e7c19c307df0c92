package dev.kiln.dockerfile.instruction;

import java.util.List;

import dev.kiln.dockerfile.lex.RawInstruction;

/** Sets labels of the image. */
public record Label(Origin origin, List<KeyValue> pairs) implements Instruction {

    public Label {
        pairs = List.copyOf(pairs);
    }

    static Label parse(RawInstruction raw) {
        Flags.refuseAny(raw);
        return new Label(Origin.of(raw), KeyValue.parseAll(raw, "LABEL"));
    }
}
