package dev.kiln.layercache.index;

import dev.kiln.layercache.oci.Digest;

/** Identifies the result of a step across builds: the digest of all that the result depends on, and of nothing else. */
public record CacheKey(Digest digest) {

    @Override
    public String toString() {
        return digest.toString();
    }
}
