package dev.kiln.dockerfile.instruction;

import dev.kiln.dockerfile.lex.RawInstruction;

/**
 * Sets the signal that stops a container. Flags are passed over, as BuildKit does here.
 *
 * @param signal takes variables; what comes out must pass {@link Signals#require}
 */
public record Stopsignal(Origin origin, String signal) implements Instruction {

    static Stopsignal parse(RawInstruction raw) {
        return new Stopsignal(Origin.of(raw), Faults.onlyArgument(raw, "STOPSIGNAL").text());
    }
}
