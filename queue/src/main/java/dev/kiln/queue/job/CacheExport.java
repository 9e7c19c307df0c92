package dev.kiln.queue.job;

import dev.kiln.layercache.oci.ImageReference;

import static dev.kiln.queue.job.Checks.check;

/** Where a build leaves results for others. */
public sealed interface CacheExport {

    /** Which results. */
    enum Mode {
        /** Those of the steps that made the image. */
        MIN,
        /** Those of all steps. */
        MAX
    }

    /** As what the cache stands in a registry. */
    enum Form {
        /** An OCI image manifest. */
        IMAGE,
        /** An OCI index whose entries are blobs: what registries took before they took artifacts. */
        INDEX,
        /** The same as a manifest list of Docker. */
        LIST
    }

    /**
     * A cache in BuildKit's form, in a repository of its own or beside images.
     *
     * @param reference without a digest
     * @param ignoreError whether a build goes on whose cache the registry did not take
     */
    record Registry(ImageReference reference, Mode mode, Form form, boolean ignoreError) implements CacheExport {

        public Registry {
            check(reference.digest().isEmpty(), "a cache is put under a tag: " + Checks.shown(reference.toString())
                    + " names a digest");
        }
    }

    /** In the configuration of the image, which the layers are pushed with; {@link Mode#MIN} by its nature. */
    record Inline() implements CacheExport {}
}
