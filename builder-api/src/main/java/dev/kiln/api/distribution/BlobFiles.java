package dev.kiln.api.distribution;

import java.nio.file.Path;
import java.util.Optional;

import dev.kiln.layercache.content.DiskContentStore;
import dev.kiln.layercache.oci.Digest;

/** What a store of files knows beside its blobs. Asking is no use of a blob. */
public interface BlobFiles {

    /** The file with exactly the blob's bytes, when they were compared with the digest of late. */
    Optional<Path> checkedFile(Digest blob);

    boolean isThere(Digest blob);

    static BlobFiles of(DiskContentStore content) {
        return new BlobFiles() {
            @Override
            public Optional<Path> checkedFile(Digest blob) {
                return content.checkedFile(blob);
            }

            @Override
            public boolean isThere(Digest blob) {
                return content.file(blob).isPresent();
            }
        };
    }
}
