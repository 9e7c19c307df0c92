package dev.kiln.layercache.index;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;

/**
 * The result of a step: all layers below and including its own, base first.
 *
 * @param cost how long the step took when it ran
 * @param preimage what the key was made of, by name, kept so that a later miss can be explained; values are digests or
 *        short texts and never secret
 */
public record CacheEntry(CacheKey key, List<CachedLayer> layers, Duration cost, Instant created,
        Map<String, String> preimage) {

    public CacheEntry {
        layers = List.copyOf(layers);
        preimage = Map.copyOf(preimage);
    }

    /**
     * One layer of a result.
     *
     * @param blob the compressed tar as it goes into a manifest
     * @param snapshot the name of the unpacked directory this executor keeps, when it made one itself; without it the
     *        layer is unpacked from the blob when somebody needs its files
     * @param created when a step made it; empty for a layer of a base image. It stays with the layer through every cache
     *        hit and becomes the time in the image's history, so that the same build gives the same image again
     */
    public record CachedLayer(Digest diffId, Descriptor blob, long tarSize, Optional<String> snapshot,
            Optional<Instant> created) {}
}
