package dev.kiln.dockerfile;

import java.util.ArrayList;
import java.util.List;

import dev.kiln.dockerfile.expand.Expander;
import dev.kiln.dockerfile.instruction.Arg;
import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.lex.Directives;
import dev.kiln.dockerfile.source.SourceRange;
import dev.kiln.dockerfile.stage.Stage;

/**
 * A parsed Dockerfile.
 *
 * @param globalArguments the ARG instructions before the first FROM
 * @param stages at least one
 * @param emptyContinuations the instructions that have an empty line within them
 */
public record Dockerfile(Directives directives, List<Arg> globalArguments, List<Stage> stages,
        List<SourceRange> emptyContinuations) {

    public Dockerfile {
        globalArguments = List.copyOf(globalArguments);
        stages = List.copyOf(stages);
        emptyContinuations = List.copyOf(emptyContinuations);
        if (stages.isEmpty()) {
            throw new IllegalArgumentException("a Dockerfile has at least one stage");
        }
    }

    /** All instructions in the order of the file. */
    public List<Instruction> instructions() {
        List<Instruction> all = new ArrayList<>(globalArguments);
        for (Stage stage : stages) {
            all.add(stage.from());
            all.addAll(stage.instructions());
        }
        return List.copyOf(all);
    }

    /** What expands the words of this file. */
    public Expander expander() {
        return new Expander(directives.escapeCharacter());
    }
}
