package dev.kiln.queue.job;

import dev.kiln.layercache.oci.Digest;

import static dev.kiln.queue.job.Checks.check;

/**
 * A blob of the farm that holds all secrets of one build, sealed with the farm's key.
 *
 * @param digest of the sealed bytes
 * @param size of the sealed bytes
 */
public record SealedSecrets(Digest digest, long size) {

    public SealedSecrets {
        check(size > 0, "sealed secrets have at least one byte");
    }
}
