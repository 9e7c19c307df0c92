package dev.kiln.queue.job;

import dev.kiln.layercache.oci.ImageReference;

/** Where a build finds results of others. What is not there, or cannot be read, is told and does no harm. */
public sealed interface CacheImport {

    /**
     * A cache in BuildKit's form, or an image that holds one (see {@link CacheExport.Inline}).
     *
     * @param reference without tag and digest {@code latest} is meant
     */
    record Registry(ImageReference reference) implements CacheImport {}

    /**
     * What cache mounts begin with that the executor does not have yet: an artifact of {@link CacheExport.Mounts}.
     *
     * @param reference as for {@link Registry}
     */
    record Mounts(ImageReference reference) implements CacheImport {}
}
