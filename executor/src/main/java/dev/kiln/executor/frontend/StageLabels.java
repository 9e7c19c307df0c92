package dev.kiln.executor.frontend;

import java.util.List;

import dev.kiln.dockerfile.Dockerfile;
import dev.kiln.dockerfile.instruction.Copy;
import dev.kiln.dockerfile.instruction.Run;
import dev.kiln.dockerfile.stage.Stage;

/**
 * What step names call a stage. There is no need to say it in a file with one stage, unless it has a mount or copies from
 * an image, which counts as another.
 */
record StageLabels(boolean single, List<String> all) {

    static StageLabels of(Dockerfile file) {
        boolean single = file.stages().size() == 1 && file.stages()
            .getFirst()
            .instructions()
            .stream()
            .noneMatch(i -> i instanceof Copy copy && copy.from().isPresent()
                    || i instanceof Run run && !run.mounts().isEmpty());
        return new StageLabels(single, file.stages().stream().map(Stage::displayName).toList());
    }

    /** The stage's name, or {@code stage-N}; empty for a single stage. */
    String of(Stage stage) {
        return single ? "" : stage.displayName();
    }
}
