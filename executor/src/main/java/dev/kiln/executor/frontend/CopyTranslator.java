package dev.kiln.executor.frontend;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

import dev.kiln.dockerfile.instruction.Copy;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.stage.Source;
import dev.kiln.dockerfile.stage.Stage;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Vertex;

/** COPY: a step and a layer. Knows the results of the stages that are done, by their number. For one build and one thread. */
final class CopyTranslator {
    private static final Pattern SCP = Pattern.compile("[A-Za-z0-9_-]+@[A-Za-z0-9.-]+:.*");
    private static final Pattern GIT = Pattern.compile("(?i)(git|ssh)://.*");
    private static final Pattern WEB = Pattern.compile("https?://.*");
    private static final Pattern WEB_GIT = Pattern.compile("https?://[^?#]*\\.git([?#].*)?");

    private final Map<Integer, Vertex> results = new HashMap<>();

    /** Makes the files of a finished stage available. */
    void finished(Stage stage, Vertex result) {
        results.put(stage.index(), result);
    }

    void translate(Copy copy, StageState stage) {
        refuseUnsupported(copy);
        Optional<String> owner = copy.options().chown().map(stage::expand).filter(o -> !o.isEmpty());
        List<String> sources = copy.transfer().sources().stream().map(stage::expand).toList();
        String destination = stage.expand(copy.transfer().destination());
        sources.forEach(CopyTranslator::requirePath);
        Source from = stage.build().stages().copySource(copy);
        OpSpec.Copy op = new OpSpec.Copy(sources.stream().map(CopyTranslator::fromRoot).toList(),
                absolute(destination, stage.directory()), owner, from instanceof Source.Context);
        List<String> history = new ArrayList<>(List.of("COPY"));
        owner.ifPresent(o -> history.add("--chown=" + o));
        history.addAll(sources);
        history.add(destination);
        stage.step(displayed(copy, stage), op, List.of(files(from, stage.build())), stage.build().options().noCache());
        stage.record(String.join(" ", history) + " # buildkit", true);
    }

    private static String displayed(Copy copy, StageState stage) {
        try {
            return stage.expand(copy.display());
        } catch (DockerfileException malformedAsAWhole) {
            return copy.display();
        }
    }

    private Vertex files(Source from, Translation build) {
        return switch (from) {
            case Source.Context() -> build.graph().source("[internal] load build context", build.options().context());
            case Source.Scratch() -> ImageTranslator.scratch(build.graph());
            case Source.Image(String name) ->
                ImageTranslator.files(build.image(name), UnaryOperator.identity(), build.graph());
            case Source.OtherStage(Stage other) -> Optional.ofNullable(results.get(other.index()))
                .orElseThrow(() -> new IllegalStateException("stage " + other.displayName() + " is not done"));
        };
    }

    /** A path from the root of the files copied from; {@code .} is all of them. */
    private static String fromRoot(String source) {
        String clean = LexicalPath.clean(source);
        return clean.equals("/") ? "." : clean.substring(1);
    }

    /** The absolute path, with a slash at its end when it says directory: {@code dir/}, {@code dir/.}, {@code .} or nothing. */
    private static String absolute(String destination, String directory) {
        boolean isDirectory = destination.isEmpty() || destination.equals(".") || destination.endsWith("/")
                || destination.endsWith("/.");
        String clean = LexicalPath.clean(LexicalPath.isAbsolute(destination)
                ? destination
                : directory + "/" + destination);
        return isDirectory && !clean.equals("/") ? clean + "/" : clean;
    }

    private static void requirePath(String source) {
        if (GIT.matcher(source).matches() || SCP.matcher(source).matches() || WEB_GIT.matcher(source).matches()) {
            throw new DockerfileException(DockerfileException.Code.SYNTAX, "source can't be a git ref for COPY");
        }
        if (WEB.matcher(source).matches()) {
            throw new DockerfileException(DockerfileException.Code.SYNTAX, "source can't be a URL for COPY");
        }
    }

    private static void refuseUnsupported(Copy copy) {
        Unsupported.when(!copy.transfer().inlineFiles().isEmpty(), "a here-document");
        Unsupported.when(copy.options().chmod().isPresent(), "COPY --chmod");
        Unsupported.when(copy.options().link(), "COPY --link");
        Unsupported.when(!copy.options().excludes().isEmpty(), "COPY --exclude");
        Unsupported.when(copy.parents(), "COPY --parents");
    }
}
