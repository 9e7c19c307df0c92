package dev.kiln.executor.meter;

import dev.kiln.executor.graph.OpSpec;

/** What a vertex does, as a word of a label. */
enum VertexKind {
    IMAGE, CONTEXT, GIT, HTTP, RUN, COPY, OTHER;

    static VertexKind of(OpSpec op) {
        return switch (op) {
            case OpSpec.Image _ -> IMAGE;
            case OpSpec.Context _ -> CONTEXT;
            case OpSpec.Git _ -> GIT;
            case OpSpec.Http _ -> HTTP;
            case OpSpec.Run _ -> RUN;
            case OpSpec.Copy _,OpSpec.Merge _ -> COPY;
            case OpSpec.Scratch _,OpSpec.MakeDirectory _ -> OTHER;
        };
    }

    String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
