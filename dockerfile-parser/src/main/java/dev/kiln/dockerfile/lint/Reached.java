package dev.kiln.dockerfile.lint;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

import dev.kiln.dockerfile.instruction.Copy;
import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.instruction.Run;
import dev.kiln.dockerfile.stage.Source;
import dev.kiln.dockerfile.stage.Stage;
import dev.kiln.dockerfile.stage.StageGraph;

/**
 * Finds the stages that a target is built from, what triggers ask for included. A reference to a later stage counts; it
 * becomes an error where its instruction is looked at.
 */
final class Reached {

    private final StageGraph graph;
    private final Triggers triggers;

    Reached(StageGraph graph, Triggers triggers) {
        this.graph = graph;
        this.triggers = triggers;
    }

    /** The indexes. */
    BitSet from(Stage target) {
        BitSet reached = new BitSet();
        Deque<Stage> open = new ArrayDeque<>(List.of(target));
        while (!open.isEmpty()) {
            Stage stage = open.pop();
            if (!reached.get(stage.index())) {
                reached.set(stage.index());
                add(graph.base(stage), open);
                Stream.concat(triggers.of(stage).stream(), stage.instructions().stream())
                    .flatMap(instruction -> sources(graph, instruction))
                    .forEach(source -> add(source, open));
            }
        }
        return reached;
    }

    private static void add(Source source, Deque<Stage> open) {
        if (source instanceof Source.OtherStage(Stage stage)) {
            open.push(stage);
        }
    }

    /** Where an instruction takes files from. */
    static Stream<Source> sources(StageGraph graph, Instruction instruction) {
        if (instruction instanceof Copy copy) {
            return Stream.of(graph.copySource(copy));
        }
        return instruction instanceof Run run ? run.mounts().stream().map(graph::mountSource) : Stream.empty();
    }
}
