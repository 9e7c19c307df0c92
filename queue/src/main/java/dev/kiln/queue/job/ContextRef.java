package dev.kiln.queue.job;

import dev.kiln.layercache.oci.Digest;

/** Where the files of a build come from. Git joins here when it is built. */
public sealed interface ContextRef {

    /**
     * A tar that was uploaded to the farm, as it was sent (plain, gzip, bzip2, xz or zstd, told by its first bytes).
     *
     * @param digest of the bytes as sent
     * @param size of the bytes as sent
     */
    record Uploaded(Digest digest, long size) implements ContextRef {

        public Uploaded {
            if (size < 0) {
                throw new IllegalArgumentException("the size of the context is negative");
            }
        }
    }
}
