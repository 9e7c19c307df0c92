package dev.kiln.executor.cachemount;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

import dev.kiln.executor.graph.StepMount.Permissions;
import dev.kiln.executor.graph.StepMount.Sharing;

/**
 * A cache that a step wants.
 *
 * @param id of whoever wrote the Dockerfile; any text
 * @param origin tells caches of one id apart that began differently; empty for nothing
 * @param onlyOnSuccess what the step writes is thrown away unless it ends well; then it has the cache alone, also when it
 *        is shared otherwise
 * @param root what the root directory of a new one looks like
 * @param beginning puts in what a new one starts with
 */
public record Wanted(String id, String origin, Sharing sharing, boolean onlyOnSuccess, Permissions root,
        Beginning beginning) {
    /** A new one that is empty. */
    public static final Beginning NOTHING = _ -> Optional.empty();

    /** Fills a new cache. */
    public interface Beginning {
        /**
         * @param directory empty; nobody else sees it until this returns, and nobody ever when this fails
         * @return what the root directory looks like, when that is part of what it begins with
         */
        Optional<Permissions> fill(Path directory) throws IOException, InterruptedException;
    }
}
