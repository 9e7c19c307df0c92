package dev.kiln.layercache.content;

import java.io.IOException;
import java.io.InputStream;
import java.util.OptionalLong;

import dev.kiln.layercache.oci.Digest;

/** Reads blobs by digest. The disk store and a remote repository are both one. Safe for many threads. */
public interface BlobReader {

    /** The size in bytes, or empty when the blob is not here. */
    OptionalLong size(Digest digest) throws IOException;

    /**
     * Opens the blob at {@code offset} bytes from its start.
     *
     * @throws ContentException with {@code NOT_FOUND} when the blob is not here
     */
    InputStream open(Digest digest, long offset) throws IOException;

    default InputStream open(Digest digest) throws IOException {
        return open(digest, 0);
    }
}
