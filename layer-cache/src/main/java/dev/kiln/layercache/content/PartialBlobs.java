package dev.kiln.layercache.content;

import java.io.IOException;
import java.nio.file.Path;

/** Goes on with blobs that an earlier process began. Safe for many threads. */
@FunctionalInterface
public interface PartialBlobs {

    /**
     * Begins a blob in {@code file}, or goes on with what is in it: those bytes are read again for their hash.
     *
     * @param file on the filesystem of the store; one writer at a time
     * @param algorithm of the digest to compute while writing, as digests have it
     * @param length how many bytes of the file count; what is beyond them was never promised and is cut off
     * @throws ContentException {@code SIZE_MISMATCH} when the file is shorter
     */
    PartialBlob partial(Path file, String algorithm, long length) throws IOException;
}
