package dev.kiln.queue.job;

import java.util.List;
import java.util.Optional;

import dev.kiln.queue.job.Annotation.On;
import dev.kiln.queue.job.LayerCompression.Kind;

import static dev.kiln.queue.job.Checks.check;

/**
 * In which bytes an image is wanted.
 *
 * @param compression of the layers that the build made; absent for as they are, which is gzip
 * @param forceCompression whether layers of the base image are compressed anew as well
 * @param ociMediaTypes false for the media types of Docker's schema 2
 * @param rewriteTimestamp whether no file in a layer that the build made may be later than {@code SOURCE_DATE_EPOCH}
 * @param squash whether the layers that the build made become one
 */
public record ImageForm(Optional<LayerCompression> compression, boolean forceCompression, boolean ociMediaTypes,
        boolean rewriteTimestamp, boolean squash, List<Annotation> annotations) {
    /** As the build made it. */
    public static final ImageForm USUAL = new ImageForm(Optional.empty(), false, true, false, false, List.of());

    private static final int MAX_ANNOTATIONS = 256;

    public ImageForm {
        annotations = List.copyOf(annotations);
        check(!forceCompression || compression.isPresent(), "force-compression needs a compression");
        check(ociMediaTypes || compression.filter(c -> c.kind() == Kind.ZSTD).isEmpty(),
                "compression=zstd conflicts with oci-mediatypes=false");
        check(ociMediaTypes || annotations.stream().allMatch(a -> a.on() == On.MANIFEST),
                "annotations of descriptors and indexes conflict with oci-mediatypes=false");
        check(annotations.size() <= MAX_ANNOTATIONS, "more than " + MAX_ANNOTATIONS + " annotations");
    }

    public ImageForm withAnnotations(List<Annotation> other) {
        return new ImageForm(compression, forceCompression, ociMediaTypes, rewriteTimestamp, squash, other);
    }
}
