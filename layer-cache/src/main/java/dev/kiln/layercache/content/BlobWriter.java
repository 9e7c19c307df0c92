package dev.kiln.layercache.content;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

import dev.kiln.layercache.oci.Digest;

/**
 * A blob being written. Until {@link #commit} nobody sees it; {@link #close} without a commit throws it away.
 */
public abstract class BlobWriter extends OutputStream {

    /** Bytes written so far. */
    public abstract long written();

    /**
     * Makes the blob durable under its digest and ends the writer. Losing the race to another writer of the same bytes
     * is success.
     *
     * @param expected when present, the digest the bytes must have; otherwise the blob is discarded
     * @throws ContentException {@code DIGEST_MISMATCH} when the bytes are others, {@code NO_SPACE} when the disk is full
     */
    public abstract Digest commit(Optional<Digest> expected) throws IOException;

    /** Discards what was not committed; does nothing after a commit. */
    @Override
    public abstract void close() throws IOException;
}
