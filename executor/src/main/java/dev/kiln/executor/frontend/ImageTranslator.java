package dev.kiln.executor.frontend;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

import dev.kiln.executor.frontend.BaseImages.BaseImage;
import dev.kiln.executor.frontend.SourceResolver.Found;
import dev.kiln.executor.graph.GraphBuilder;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.ImageConfig.History;
import dev.kiln.layercache.oci.Platform;

/** FROM an image or nothing: a source of files and the configuration that a stage starts with. */
final class ImageTranslator {

    private ImageTranslator() {}

    static StageState scratch(Translation build, StepNames names, Platform platform) {
        ConfigDraft config = new ConfigDraft(ScratchImage.config(build.options().platforms().wanted()));
        return StageState.of(build, names, config, platform, scratch(build.graph()));
    }

    static Vertex scratch(GraphBuilder graph) {
        return graph.source("FROM scratch", new OpSpec.Scratch());
    }

    /** @param platform what is said; otherwise the image says it */
    static StageState image(Found.Image found, Translation build, StepNames names, Optional<Platform> platform) {
        ConfigDraft config = new ConfigDraft(withWholeHistory(found.image()));
        return StageState.of(build, names, config,
                platform.orElse(found.image().config().platform()).normalized(),
                files(found, names::next, build.graph()));
    }

    /** A stage that starts from the files of a context, without settings. */
    static StageState context(Found.Context found, Translation build, StepNames names, Platform platform) {
        Vertex files = ContextVertices.layers(found.source(), ContextVertices.named(found.name()), build.graph());
        ConfigDraft config = new ConfigDraft(ScratchImage.config(build.options().platforms().wanted()));
        if (!(files.op() instanceof OpSpec.Scratch)) {
            config.record("context " + found.name(), true, build.arguments().epoch());
        }
        return StageState.of(build, names, config, platform, files);
    }

    /** @param naming makes the name of the step from what it does */
    static Vertex files(Found.Image found, UnaryOperator<String> naming, GraphBuilder graph) {
        BaseImage image = found.image();
        return image.config().layers().isEmpty()
                ? scratch(graph)
                : graph.source(naming.apply(found.shown()),
                        new OpSpec.Image(image.reference(), image.config().layers()));
    }

    /**
     * The configuration with one history entry that is not empty for each layer. Tools that write no history, or part of
     * it, would otherwise shift the entries of the build to the wrong layers.
     */
    private static ImageConfig withWholeHistory(BaseImage image) {
        ImageConfig config = image.config();
        List<History> history = new ArrayList<>();
        int layers = 0;
        for (History entry : config.history()) {
            boolean hasLayer = !entry.emptyLayer() && layers < config.layers().size();
            layers += hasLayer ? 1 : 0;
            history.add(hasLayer || entry.emptyLayer() ? entry : withoutLayer(entry));
        }
        for (; layers < config.layers().size(); layers++) {
            history.add(new History(Optional.empty(), "pulled from " + image.reference(),
                    Optional.of("buildkit.exporter.image.v0"), false));
        }
        return new ImageConfig(config.platform(), config.created(), config.author(), config.config(), config.layers(),
                history);
    }

    private static History withoutLayer(History entry) {
        return new History(entry.created(), entry.createdBy(), entry.comment(), true, entry.author());
    }
}
