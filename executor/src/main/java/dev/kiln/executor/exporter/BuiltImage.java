package dev.kiln.executor.exporter;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.oci.ImageConfig;

/**
 * An image as it was built for one platform: what is in it, before an output says in which bytes it is wanted.
 *
 * @param image complete: times of the history, and the diffIDs of {@code layers}
 * @param layers base first; one history entry that is not empty stands for each
 * @param baseLayers how many of them came with the base image
 * @param epoch what {@code SOURCE_DATE_EPOCH} says
 * @param further fields of the configuration beyond it, as JSON text by name
 */
public record BuiltImage(ImageConfig image, List<CachedLayer> layers, int baseLayers, Optional<Instant> epoch,
        Map<String, String> further) {

    public BuiltImage {
        layers = List.copyOf(layers);
        further = Map.copyOf(further);
        if (!image.layers().equals(layers.stream().map(CachedLayer::diffId).toList())) {
            throw new IllegalArgumentException("the configuration names other layers than the image has");
        }
        if (baseLayers < 0 || baseLayers > layers.size()) {
            throw new IllegalArgumentException(baseLayers + " of " + layers.size() + " layers cannot be the base's");
        }
    }

    /** The same image with one more field in its configuration, which says nothing of how it is run. */
    public BuiltImage with(String field, String json) {
        Map<String, String> more = new HashMap<>(further);
        more.put(field, json);
        return new BuiltImage(image, layers, baseLayers, epoch, more);
    }
}
