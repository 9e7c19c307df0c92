package dev.kiln.dockerfile.lex;

import java.util.List;
import java.util.stream.Collectors;

import dev.kiln.dockerfile.source.SourceRange;

/**
 * A Dockerfile in raw instructions.
 *
 * @param emptyContinuations the instructions that have an empty line within them
 */
public record LexedFile(Directives directives, List<RawInstruction> instructions,
        List<SourceRange> emptyContinuations) {

    public LexedFile {
        instructions = List.copyOf(instructions);
        emptyContinuations = List.copyOf(emptyContinuations);
    }

    /** One {@code (cmd "arg" …)} per line, without a line end after the last. */
    public String dump() {
        return instructions.stream().map(raw -> "(" + raw.dump() + ")").collect(Collectors.joining("\n"));
    }
}
