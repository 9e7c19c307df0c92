package dev.kiln.dockerfile.stage;

import java.util.List;
import java.util.Optional;

import dev.kiln.dockerfile.instruction.From;
import dev.kiln.dockerfile.instruction.Instruction;

/**
 * A FROM and what follows it.
 *
 * @param index its number in the file, from 0
 * @param instructions without the FROM
 */
public record Stage(int index, From from, List<Instruction> instructions) {

    public Stage {
        instructions = List.copyOf(instructions);
    }

    /** In lower case. */
    public Optional<String> name() {
        return from.stageName();
    }

    /** The name, or {@code stage-N}. */
    public String displayName() {
        return name().orElse("stage-" + index);
    }
}
