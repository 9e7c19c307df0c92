package dev.kiln.executor.frontend;

import java.util.Map;
import java.util.Optional;

import dev.kiln.dockerfile.expand.Expander;
import dev.kiln.dockerfile.stage.StageGraph;
import dev.kiln.executor.frontend.BaseImages.BaseImage;
import dev.kiln.executor.graph.GraphBuilder;

/**
 * What the translators of one build share.
 *
 * @param images the images that the needed stages name, by the name as written
 */
record Translation(FrontendOptions options, BuildArguments arguments, Expander expander, StageGraph stages,
        Map<String, BaseImage> images, GraphBuilder graph, RepetitionLimit limit) {

    BaseImage image(String name) {
        return Optional.ofNullable(images.get(name))
            .orElseThrow(() -> new IllegalStateException("the image " + name + " was not looked up"));
    }
}
