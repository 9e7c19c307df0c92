package dev.kiln.executor.exporter;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

import dev.kiln.layercache.oci.Platform;

/**
 * What a build made: one image, which is published as a manifest, or one for each of several platforms, which are published
 * as an index of their manifests.
 *
 * @param images never empty, in the order in which the platforms were asked for; no two for one platform
 */
public record BuiltImages(List<BuiltImage> images) {

    public BuiltImages {
        images = List.copyOf(images);
        if (images.isEmpty()) {
            throw new IllegalArgumentException("a build makes at least one image");
        }
        Set<Platform> platforms = new HashSet<>();
        for (BuiltImage each : images) {
            if (!platforms.add(each.image().platform().normalized())) {
                throw new IllegalArgumentException("two images for " + each.image().platform());
            }
        }
    }

    public static BuiltImages of(BuiltImage image) {
        return new BuiltImages(List.of(image));
    }
}
