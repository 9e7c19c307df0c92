package dev.kiln.dockerfile.instruction;

import java.util.Optional;

/** Truth values as Go reads them; the flags of instructions take fewer. */
final class Booleans {

    private Booleans() {}

    /** Empty if it is none. */
    static Optional<Boolean> parse(String text) {
        return switch (text) {
            case "1", "t", "T", "true", "TRUE", "True" -> Optional.of(true);
            case "0", "f", "F", "false", "FALSE", "False" -> Optional.of(false);
            default -> Optional.empty();
        };
    }
}
