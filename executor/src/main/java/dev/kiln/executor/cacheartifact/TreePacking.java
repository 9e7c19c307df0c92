package dev.kiln.executor.cacheartifact;

import java.io.IOException;
import java.nio.file.Path;

import dev.kiln.layercache.layer.PackedLayer;

/** Packs the files of a directory as they are into a blob of the content store, compressed by zstd. */
public interface TreePacking {
    PackedLayer pack(Path directory) throws IOException, InterruptedException;
}
