package dev.kiln.dockerfile.lint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import dev.kiln.dockerfile.DockerfileParser;
import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.instruction.Onbuild;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;
import dev.kiln.dockerfile.stage.Source;
import dev.kiln.dockerfile.stage.Stage;
import dev.kiln.dockerfile.stage.StageGraph;

/** What the bases of stages left to be done in the stages built on them. */
final class Triggers {

    private static final int MOST = 250_000;

    private final StageGraph graph;
    private final Function<Stage, Optional<BaseImage>> images;
    private final Map<Integer, List<Instruction>> byStage = new HashMap<>();
    private int count;

    Triggers(StageGraph graph, Function<Stage, Optional<BaseImage>> images) {
        this.graph = graph;
        this.images = images;
    }

    /**
     * The instructions in order, all with the range of the stage's FROM.
     *
     * @throws DockerfileException at the FROM, if one of them cannot be read
     */
    List<Instruction> of(Stage stage) {
        @Nullable
        List<Instruction> known = byStage.get(stage.index());
        if (known != null) {
            return known;
        }
        List<Instruction> read = new ArrayList<>();
        for (String text : texts(stage)) {
            if (++count > MOST) {
                throw new DockerfileException(Code.TOO_LARGE,
                        "the stages of the file have more than " + MOST + " ONBUILD triggers to run",
                        stage.from().range(), stage.from().origin().text());
            }
            read.add(DockerfileParser.parseTrigger(text, stage.from().range()));
        }
        byStage.put(stage.index(), read);
        return read;
    }

    private List<String> texts(Stage stage) {
        if (graph.base(stage) instanceof Source.OtherStage(Stage base)) {
            return base.instructions()
                .stream()
                .filter(Onbuild.class::isInstance)
                .map(instruction -> ((Onbuild) instruction).expression())
                .toList();
        }
        return images.apply(stage).map(BaseImage::triggers).orElse(List.of());
    }
}
