package dev.kiln.layercache.content;

import java.io.IOException;
import java.io.InputStream;

import dev.kiln.layercache.oci.Digest;

/** Takes new blobs in. Safe for many threads; one {@link BlobWriter} belongs to one thread at a time. */
public interface BlobIngester {

    /** Starts a blob whose digest need not be known yet. The writer must be closed on every path. */
    BlobWriter newBlob() throws IOException;

    /**
     * Stores the bytes of {@code in} when they have this digest and this size, else keeps nothing. Having the blob
     * already is success, and then {@code in} need not be read.
     */
    void ingest(Digest expected, long expectedSize, InputStream in) throws IOException;

    /** Stores these bytes and returns their digest. */
    Digest ingest(byte[] bytes) throws IOException;
}
