package dev.kiln.executor.snapshot;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

import dev.kiln.layercache.oci.Digest;

/** Writes the files of a layer into a directory. */
public interface LayerUnpacker {

    /**
     * Reads the layer to its end and writes what is in it, in overlayfs form.
     *
     * @param layer plain, gzip or zstd
     * @param directory exists and is empty
     */
    Unpacked unpack(InputStream layer, Path directory) throws IOException;

    /**
     * @param diffId of the bytes read, uncompressed
     * @param rootEntry true when the layer says what mode, owner and time the root directory has
     */
    record Unpacked(Digest diffId, boolean rootEntry) {}
}
