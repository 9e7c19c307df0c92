package dev.kiln.queue.job;

import dev.kiln.layercache.oci.ImageReference;

/** What a name stands for that the Dockerfile does not define itself, or that the request puts in its place. */
public sealed interface NamedContext {

    /** Files; an empty context is none. */
    record Files(ContextRef context) implements NamedContext {

        public Files {
            if (context instanceof ContextRef.Empty) {
                throw new IllegalArgumentException("a named context cannot be empty");
            }
        }
    }

    /** An image in a registry, with its configuration when it is used as a base. */
    record Image(ImageReference reference) implements NamedContext {}
}
