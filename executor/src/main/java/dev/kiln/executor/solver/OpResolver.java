package dev.kiln.executor.solver;

import dev.kiln.executor.graph.Vertex;

/** Finds the op of a vertex of one build; called once for each, by the thread that solves. */
public interface OpResolver {
    Op resolve(Vertex vertex);

    /** Who else may have results of this build's vertices. */
    default Elsewhere elsewhere() {
        return Elsewhere.NOWHERE;
    }
}
