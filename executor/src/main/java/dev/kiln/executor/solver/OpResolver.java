package dev.kiln.executor.solver;

import dev.kiln.executor.graph.Vertex;

/** Finds the op of a vertex. */
public interface OpResolver {
    Op resolve(Vertex vertex);
}
