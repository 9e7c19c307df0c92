package dev.kiln.executor.solver;

import java.util.Map;
import java.util.concurrent.CompletableFuture;

import dev.kiln.executor.graph.Vertex;

/**
 * A solved build.
 *
 * @param results of the targets
 * @param recorded ends when everything that this build had made is in the index, or could not be put there, which is
 *        logged; wait for it before the build is reported as succeeded. Never fails
 */
public record Solution(Map<Vertex, Result> results, CompletableFuture<Void> recorded) {

    public Solution {
        results = Map.copyOf(results);
    }

    public Result of(Vertex target) {
        Result result = results.get(target);
        if (result == null) {
            throw new IllegalArgumentException("\"" + target + "\" is no target of the build");
        }
        return result;
    }

    /** The result of a build that has one target. */
    public Result result() {
        if (results.size() > 1) {
            throw new IllegalStateException("the build has " + results.size() + " targets");
        }
        return results.values().iterator().next();
    }
}
