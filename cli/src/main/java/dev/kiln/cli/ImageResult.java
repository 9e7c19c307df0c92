package dev.kiln.cli;

import java.util.List;
import java.util.Optional;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;

/** The image that a build made, if it made one, and how it is called. */
record ImageResult(Optional<ExportedImages.Image> image, List<ImageReference> names) {

    /** What docker calls the image's id: the digest of its configuration, or of the index of several. */
    Digest id() {
        ExportedImages.Image made = image.orElseThrow();
        return made.config().orElse(made.descriptor().digest());
    }
}
