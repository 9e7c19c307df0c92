package dev.kiln.layercache.content;

import java.io.IOException;

/**
 * A blob whose writing may outlive the process: its bytes so far are a file that the caller named and keeps. A commit makes
 * that file the blob, {@link #close} without a commit removes it.
 */
public abstract class PartialBlob extends BlobWriter {

    /** Makes all that was written durable, so that it can be gone on with after a crash. */
    public abstract void sync() throws IOException;

    /** Ends this writer and leaves the file. */
    public abstract void suspend() throws IOException;
}
