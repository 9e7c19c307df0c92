package dev.kiln.executor.exporter;

import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageIndex;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.layercache.oci.RawManifest;
import dev.kiln.queue.job.Annotation.On;
import dev.kiln.queue.job.ImageForm;

/**
 * What one output publishes, in its bytes: one image, or an index of several.
 *
 * @param images never empty
 * @param index names them all; absent for a single image
 * @param annotations of whoever names the manifest or index beyond its registry: a layout
 */
public record AssembledImages(List<AssembledImage> images, Optional<RawManifest> index,
        Map<String, String> annotations) {

    private static final String CREATED = "org.opencontainers.image.created";

    public AssembledImages {
        images = List.copyOf(images);
        annotations = Map.copyOf(annotations);
        if (images.isEmpty() || index.isEmpty() && images.size() > 1) {
            throw new IllegalArgumentException(images.size() + " images and no index");
        }
    }

    /** One image, or an index of several, each named with its platform. */
    static AssembledImages of(List<AssembledImage> images, ImageForm form) {
        if (images.size() == 1) {
            Platform platform = images.getFirst().image().platform();
            return new AssembledImages(images, Optional.empty(),
                    dated(images, Annotations.of(form, On.MANIFEST_DESCRIPTOR, Optional.of(platform))));
        }
        ImageIndex index = new ImageIndex(form.ociMediaTypes() ? MediaTypes.OCI_INDEX : MediaTypes.DOCKER_LIST,
                images.stream().map(image -> entry(image, form)).toList(),
                Annotations.of(form, On.INDEX, Optional.empty()), Optional.empty(), Optional.empty());
        return new AssembledImages(images, Optional.of(RawManifest.of(index)),
                dated(images, Annotations.of(form, On.INDEX_DESCRIPTOR, Optional.empty())));
    }

    /** BuildKit puts the time of the export there; that of the image stays the same from build to build. */
    private static Map<String, String> dated(List<AssembledImage> images, Map<String, String> annotations) {
        Map<String, String> dated = new TreeMap<>(annotations);
        images.stream()
            .flatMap(image -> image.image().created().stream())
            .max(Comparator.naturalOrder())
            .ifPresent(time -> dated.putIfAbsent(CREATED, time.truncatedTo(ChronoUnit.SECONDS).toString()));
        return dated;
    }

    private static Descriptor entry(AssembledImage image, ImageForm form) {
        Platform platform = image.image().platform();
        Descriptor plain = image.manifest().descriptor();
        return new Descriptor(plain.mediaType(), plain.digest(), plain.size(),
                Annotations.of(form, On.MANIFEST_DESCRIPTOR, Optional.of(platform)), Optional.of(platform),
                Optional.empty());
    }

    /** What the names are put on. */
    public RawManifest top() {
        return index.orElse(images.getFirst().manifest());
    }

    /** What names all of it everywhere. */
    public Descriptor descriptor() {
        return top().descriptor();
    }

    /** As a layout names it: with annotations, and the platform of a single image. */
    public Descriptor annotated() {
        Descriptor plain = descriptor();
        return new Descriptor(plain.mediaType(), plain.digest(), plain.size(), annotations,
                index.isPresent() ? Optional.empty() : Optional.of(images.getFirst().image().platform()),
                Optional.empty());
    }

    /** Of a single image. */
    public Optional<Digest> config() {
        return index.isPresent() ? Optional.empty() : Optional.of(images.getFirst().config().digest());
    }
}
