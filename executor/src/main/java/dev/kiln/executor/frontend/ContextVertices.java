package dev.kiln.executor.frontend;

import java.util.List;
import java.util.Optional;

import dev.kiln.executor.graph.CopyItem;
import dev.kiln.executor.graph.GraphBuilder;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Vertex;

/** The vertices of contexts. */
final class ContextVertices {
    static final String MAIN = "[internal] load build context";

    private ContextVertices() {}

    static String named(String context) {
        return "[context " + context + "] load from client";
    }

    /** Files that can be copied from. */
    static Vertex files(ContextSource context, String name, GraphBuilder graph) {
        return switch (context) {
            case ContextSource.Files(OpSpec op) -> graph.source(name, op);
            case ContextSource.Archive(OpSpec.Http file) -> graph.add(name,
                    new OpSpec.Copy(
                            List.of(new CopyItem.Paths(1, file.name(), false, Optional.empty(), true)),
                            "/", Optional.empty(), Optional.empty(), List.of(), false),
                    List.of(ImageTranslator.scratch(graph), graph.source("[internal] download build context", file)),
                    false);
            case ContextSource.Nothing() -> ImageTranslator.scratch(graph);
        };
    }

    /** Files that a stage can start from: layers rather than a tree. */
    static Vertex layers(ContextSource context, String name, GraphBuilder graph) {
        Vertex files = files(context, name, graph);
        return files.op() instanceof OpSpec.Context
                ? graph.add(name + " as a layer", new OpSpec.Copy(List.of("."), "/", Optional.empty()),
                        List.of(ImageTranslator.scratch(graph), files), false)
                : files;
    }
}
