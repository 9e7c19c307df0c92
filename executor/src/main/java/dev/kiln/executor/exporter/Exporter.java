package dev.kiln.executor.exporter;

import java.util.List;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;

/**
 * Publishes images in two steps, so that the caller can make sure in between that it still may: bytes can go out from any
 * attempt of a build, names must not. Safe for many threads.
 */
public interface Exporter {

    /**
     * Brings all blobs, and the manifests that an index names, to where the names are. Nobody sees anything of it yet.
     *
     * @throws ExportException naming what could not be pushed where, and what the registry answered
     */
    void upload(AssembledImages images, List<ImageReference> names) throws ExportException, InterruptedException;

    /**
     * Puts the manifest or index under every name, a tag or its own digest, after {@link #upload}. All names are tried, one
     * after the other; those that went well stay when another fails.
     *
     * @throws ExportException for the first name that failed
     */
    void publish(AssembledImages images, List<ImageReference> names, PushListener listener)
            throws ExportException, InterruptedException;

    /** Hears how it goes with each name. */
    interface PushListener {
        void pushed(ImageReference name, Digest manifest);

        void failed(ImageReference name, String message);
    }
}
