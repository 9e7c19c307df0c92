package dev.kiln.queue.job;

import java.util.List;

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

    /**
     * What cache mounts hold, as an artifact that another executor can begin with. It takes the place of caches of the same
     * ids there, and leaves those of others.
     *
     * @param reference without a digest
     * @param ids as Dockerfiles write them; empty for those of all cache mounts of the build
     * @param ignoreError as for {@link Registry}
     */
    record Mounts(ImageReference reference, List<String> ids, boolean ignoreError) implements CacheExport {
        private static final int MAX_IDS = 256;

        public Mounts {
            ids = List.copyOf(ids);
            check(reference.digest().isEmpty(), "cache mounts are put under a tag: "
                    + Checks.shown(reference.toString()) + " names a digest");
            check(ids.size() <= MAX_IDS, "more than " + MAX_IDS + " ids of cache mounts");
            check(ids.stream().noneMatch(String::isEmpty), "an id of a cache mount is empty");
        }
    }

    /** In the configuration of the image, which the layers are pushed with; {@link Mode#MIN} by its nature. */
    record Inline() implements CacheExport {}
}
