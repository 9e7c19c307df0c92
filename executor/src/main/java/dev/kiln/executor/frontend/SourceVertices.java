package dev.kiln.executor.frontend;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

import dev.kiln.dockerfile.stage.Source;
import dev.kiln.dockerfile.stage.Stage;
import dev.kiln.executor.frontend.SourceResolver.Found;
import dev.kiln.executor.graph.Vertex;

/** The vertices that give the files which COPY, ADD and mounts take. For one build and one thread. */
final class SourceVertices {
    private final Translation build;
    /** The files of stages that are done, by their number: comparing stages would compare all their instructions. */
    private final Map<Integer, Vertex> stages = new HashMap<>();

    SourceVertices(Translation build) {
        this.build = build;
    }

    /** Makes the files of a finished stage available. */
    void finished(Stage stage, Vertex result) {
        stages.put(stage.index(), result);
    }

    Vertex files(Source from) {
        return switch (from) {
            case Source.Context() ->
                ContextVertices.files(build.options().contexts().files(), ContextVertices.MAIN, build.graph());
            case Source.Scratch() -> ImageTranslator.scratch(build.graph());
            case Source.Image _,Source.NamedContext _ -> files(
                    build.sources().resolved().found(from, build.sources().platforms().wanted()));
            case Source.OtherStage(Stage other) -> Optional.ofNullable(stages.get(other.index()))
                .orElseThrow(() -> new IllegalStateException("stage " + other.displayName() + " is not done"));
        };
    }

    private Vertex files(Found found) {
        return switch (found) {
            case Found.Image image -> ImageTranslator.files(image, UnaryOperator.identity(), build.graph());
            case Found.Context(ContextSource source, String name) ->
                ContextVertices.files(source, ContextVertices.named(name), build.graph());
        };
    }
}
