package dev.kiln.layercache.layer;

import java.util.Map;

/**
 * What was found in a context archive.
 *
 * @param entries in the archive
 * @param tarSize bytes of the uncompressed archive
 * @param files content of the files asked for that are there, by name; the arrays are the caller's
 * @param links names asked for that are links, and the name in the context that each leads to
 */
public record ContextSummary(long entries, long tarSize, Map<String, byte[]> files, Map<String, String> links) {

    public ContextSummary {
        files = Map.copyOf(files);
        links = Map.copyOf(links);
    }
}
