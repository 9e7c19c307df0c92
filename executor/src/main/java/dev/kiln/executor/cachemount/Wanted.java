package dev.kiln.executor.cachemount;

import java.io.IOException;
import java.nio.file.Path;

import dev.kiln.executor.graph.StepMount.Permissions;
import dev.kiln.executor.graph.StepMount.Sharing;

/**
 * A cache that a step wants.
 *
 * @param id of whoever wrote the Dockerfile; any text
 * @param origin tells caches of one id apart that began differently; empty for nothing
 * @param root what the root directory of a new one looks like
 * @param beginning puts in what a new one starts with
 */
public record Wanted(String id, String origin, Sharing sharing, Permissions root, Beginning beginning) {

    /** Fills a new cache. */
    public interface Beginning {
        /** @param directory empty; nobody else sees it until this returns, and nobody ever when this fails */
        void fill(Path directory) throws IOException, InterruptedException;
    }
}
