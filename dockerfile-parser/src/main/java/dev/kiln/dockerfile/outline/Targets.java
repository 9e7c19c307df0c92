package dev.kiln.dockerfile.outline;

import java.util.List;
import java.util.Optional;

import dev.kiln.dockerfile.Dockerfile;
import dev.kiln.dockerfile.source.SourceRange;
import dev.kiln.dockerfile.stage.Stage;

/** The stages of a file, in its order; the last is the one that is built when nobody says another. */
public record Targets(List<Target> targets) {

    /**
     * @param name empty for a stage without one
     * @param isDefault whether it is the last
     * @param description what the comment above says about the name
     * @param base as written, variables and all
     * @param platform as written
     */
    public record Target(Optional<String> name, boolean isDefault, Optional<String> description, String base,
            Optional<String> platform, SourceRange range) {}

    public Targets {
        targets = List.copyOf(targets);
    }

    public static Targets of(Dockerfile file) {
        return new Targets(file.stages().stream().map(stage -> target(stage, file.stages().getLast())).toList());
    }

    private static Target target(Stage stage, Stage last) {
        return new Target(stage.name(), stage == last, Descriptions.of(stage), stage.from().image(),
                stage.from().platform(), stage.from().range());
    }
}
