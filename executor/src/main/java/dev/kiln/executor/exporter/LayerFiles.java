package dev.kiln.executor.exporter;

import java.nio.file.Path;
import java.util.Optional;

import dev.kiln.layercache.index.CacheEntry.CachedLayer;

/** Knows directories of which layers were packed here: reading them is quicker than unpacking the layer. */
@FunctionalInterface
public interface LayerFiles {
    /** Of a layer that a step made, when its directory is still there; packing it gives the same tar. */
    Optional<Path> of(CachedLayer layer);
}
