package dev.kiln.executor.exporter;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.ImageIndex;
import dev.kiln.layercache.oci.RawManifest;

/**
 * What one output publishes, in its bytes: one image, or an index of several.
 *
 * @param images never empty
 * @param index names them all; absent for a single image
 */
public record AssembledImages(List<AssembledImage> images, Optional<RawManifest> index) {

    public AssembledImages {
        images = List.copyOf(images);
        if (images.isEmpty() || index.isEmpty() && images.size() > 1) {
            throw new IllegalArgumentException(images.size() + " images and no index");
        }
    }

    /** One image, or an OCI index of several, each named with its platform. */
    static AssembledImages of(List<AssembledImage> images) {
        return images.size() == 1
                ? new AssembledImages(images, Optional.empty())
                : new AssembledImages(images, Optional.of(RawManifest.of(ImageIndex.of(images.stream()
                    .map(AssembledImages::entry)
                    .toList()))));
    }

    private static Descriptor entry(AssembledImage image) {
        Descriptor plain = image.manifest().descriptor();
        return new Descriptor(plain.mediaType(), plain.digest(), plain.size(), Map.of(),
                Optional.of(image.image().platform()), Optional.empty());
    }

    /** What the names are put on. */
    public RawManifest top() {
        return index.orElse(images.getFirst().manifest());
    }

    /** What names all of it everywhere. */
    public Descriptor descriptor() {
        return top().descriptor();
    }
}
