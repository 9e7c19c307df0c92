package dev.kiln.executor.frontend;

import dev.kiln.dockerfile.remote.GitRef;
import dev.kiln.dockerfile.remote.HttpAddress;
import dev.kiln.layercache.oci.Digest;

/** What a request says a context is; nothing of it has been looked up. */
public sealed interface ContextSpec {

    /** A tar that was uploaded to the farm. */
    record Uploaded(Digest archive, long size) implements ContextSpec {}

    record Git(GitRef ref) implements ContextSpec {}

    /** As the main context an archive, or a file that is the Dockerfile; as a named one a file called {@code context}. */
    record Http(HttpAddress address) implements ContextSpec {}

    /**
     * The files of an image, and its settings where a stage starts from it; only as a named context.
     *
     * @param reference as written; {@code scratch} is nothing
     */
    record Image(String reference) implements ContextSpec {}

    /** No files; only as the main context. */
    record Nothing() implements ContextSpec {}
}
