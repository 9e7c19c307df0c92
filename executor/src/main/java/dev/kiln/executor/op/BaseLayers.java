package dev.kiln.executor.op;

import java.io.IOException;
import java.util.List;

import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.ImageReference;

/** Brings in the layers of base images, each of them only when somebody needs its files. Safe for many threads. */
public interface BaseLayers {

    /**
     * The layers of the image, base first, by its manifest and configuration; none of them is fetched.
     *
     * @param reference with a digest
     */
    List<CachedLayer> layersOf(ImageReference reference) throws IOException, InterruptedException;

    /** True when {@link #pull} knows a registry that has the blob. Does not ask it. */
    boolean canPull(Descriptor blob);

    /** Fetches the blob into the local store unless it is there; two threads that want one blob fetch it once. */
    void pull(Descriptor blob) throws IOException, InterruptedException;
}
