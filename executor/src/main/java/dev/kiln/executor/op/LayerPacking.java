package dev.kiln.executor.op;

import java.io.IOException;
import java.nio.file.Path;

import dev.kiln.layercache.layer.PackedLayer;

/** Makes a layer of a snapshot's directory; the blob is in the local store, durable, when it returns. */
public interface LayerPacking {
    PackedLayer pack(Path directory) throws IOException, InterruptedException;
}
