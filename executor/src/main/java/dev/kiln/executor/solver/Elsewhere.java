package dev.kiln.executor.solver;

import java.util.List;
import java.util.Optional;

import dev.kiln.executor.graph.Vertex;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;

/**
 * Results of one build's steps that others made, and who wants to know what this executor makes. A step that several
 * builds share asks that of the build that came first. Safe for many threads.
 */
public interface Elsewhere {

    /** Nobody else. */
    Elsewhere NOWHERE = new Elsewhere() {
        @Override
        public Optional<List<CachedLayer>> find(Vertex vertex, Optional<List<Result>> inputs) {
            return Optional.empty();
        }

        @Override
        public void made(Vertex vertex, Result result) {
            // nobody wants to know
        }
    };

    /**
     * All layers of the vertex's result, base first, for a step that the index does not have. May take long, and be
     * interrupted; that something goes wrong there is not the step's failure but a result that is not found.
     *
     * @param inputs absent when the step shall be found by its definition, without a look at what earlier steps gave
     */
    Optional<List<CachedLayer>> find(Vertex vertex, Optional<List<Result>> inputs) throws InterruptedException;

    /** A step was run; must not block for long. */
    void made(Vertex vertex, Result result);
}
