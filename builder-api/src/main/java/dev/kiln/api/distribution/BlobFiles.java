package dev.kiln.api.distribution;

import java.nio.file.Path;
import java.util.Optional;

import dev.kiln.layercache.oci.Digest;

/** Where blobs lie as files, for a store that has files; a store without answers nothing. */
@FunctionalInterface
public interface BlobFiles {

    /** The file with exactly the blob's bytes. */
    Optional<Path> file(Digest blob);
}
