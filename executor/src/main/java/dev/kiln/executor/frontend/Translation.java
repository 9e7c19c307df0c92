package dev.kiln.executor.frontend;

import dev.kiln.dockerfile.expand.Expander;
import dev.kiln.dockerfile.stage.StageGraph;
import dev.kiln.executor.graph.GraphBuilder;

/**
 * What the translators of one image share.
 *
 * @param graph of the whole build
 * @param several whether the build is of images for several platforms
 */
record Translation(FrontendOptions options, BuildArguments arguments, Expander expander, StageGraph stages,
        Sources sources, GraphBuilder graph, RepetitionLimit limit, boolean several) {

    /** What was found out about where files come from. */
    record Sources(SourceResolver resolved, StagePlatforms platforms, Triggers triggers, ContextLookup lookup) {}
}
