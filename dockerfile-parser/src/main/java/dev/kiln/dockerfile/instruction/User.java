package dev.kiln.dockerfile.instruction;

import dev.kiln.dockerfile.lex.RawInstruction;

/**
 * Sets who runs what follows.
 *
 * @param user {@code user[:group]}; takes variables
 */
public record User(Origin origin, String user) implements Instruction {

    static User parse(RawInstruction raw) {
        String user = Faults.onlyArgument(raw, "USER").text();
        Flags.refuseAny(raw);
        return new User(Origin.of(raw), user);
    }
}
