package dev.kiln.executor.frontend;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.kiln.dockerfile.DockerfileParser;
import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.instruction.Onbuild;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;
import dev.kiln.dockerfile.stage.Source;
import dev.kiln.dockerfile.stage.Stage;
import dev.kiln.dockerfile.stage.StageGraph;
import dev.kiln.executor.frontend.SourceResolver.Found;

/**
 * Puts the triggers of base images and base stages at the start of the stages that build on them. They may name further
 * stages and images, which then are needed and may have triggers themselves: so it goes on until nothing new comes up.
 */
final class Triggers {
    private static final int MOST_ROUNDS = 100;

    /** How many triggers each stage that was looked at has, by its number. */
    private final Map<Integer, Integer> counts = new HashMap<>();
    private int rounds;

    /**
     * Expands those stages that were not looked at before.
     *
     * @param stages all of the file; replaced in place by their longer forms
     * @return whether any became longer
     */
    boolean expand(List<Stage> stages, StageGraph graph, List<Stage> needed, SourceResolver sources,
            StagePlatforms platforms) {
        boolean longer = false;
        for (Stage stage : needed) {
            if (counts.containsKey(stage.index())) {
                continue;
            }
            List<Instruction> triggers = graph.isReplaced(stage)
                    ? List.of()
                    : texts(graph.base(stage), stage, sources, platforms).stream()
                        .map(text -> DockerfileParser.parseTrigger(text, stage.from().range()))
                        .toList();
            counts.put(stage.index(), triggers.size());
            if (!triggers.isEmpty()) {
                List<Instruction> all = new ArrayList<>(triggers);
                all.addAll(stage.instructions());
                stages.set(stage.index(), new Stage(stage.index(), stage.from(), all));
                longer = true;
            }
        }
        if (longer && ++rounds > MOST_ROUNDS) {
            throw new DockerfileException(Code.TOO_LARGE, "the triggers of base images lead to further base images more"
                    + " than " + MOST_ROUNDS + " times");
        }
        return longer;
    }

    private static List<String> texts(Source base, Stage stage, SourceResolver sources, StagePlatforms platforms) {
        return switch (base) {
            case Source.OtherStage(Stage other) -> other.instructions()
                .stream()
                .filter(Onbuild.class::isInstance)
                .map(instruction -> ((Onbuild) instruction).expression())
                .toList();
            case Source.Image _,Source.NamedContext _ -> switch (sources.found(base, platforms.of(stage))) {
                case Found.Image(var image, var _) -> image.config().config().onBuild();
                case Found.Context _ -> List.of();
            };
            case Source.Scratch _,Source.Context _ -> List.of();
        };
    }

    /** How many instructions at the start of the stage are triggers. */
    int of(Stage stage) {
        return counts.getOrDefault(stage.index(), 0);
    }
}
