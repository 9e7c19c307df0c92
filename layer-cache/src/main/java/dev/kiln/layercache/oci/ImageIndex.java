package dev.kiln.layercache.oci;

import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Several images under one name, one per platform (OCI image-spec, image-index.md; Docker's manifest list). */
public record ImageIndex(String mediaType, List<Descriptor> manifests, Map<String, String> annotations,
        Optional<String> artifactType, Optional<Descriptor> subject) implements ImageDocument {

    public ImageIndex {
        if (!MediaTypes.isIndex(mediaType)) {
            throw new IllegalArgumentException("not the media type of an image index: " + mediaType);
        }
        manifests = List.copyOf(manifests);
        annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
    }

    /** An index in OCI's form. */
    public static ImageIndex of(List<Descriptor> manifests) {
        return new ImageIndex(MediaTypes.OCI_INDEX, manifests, Map.of(), Optional.empty(), Optional.empty());
    }

    /**
     * The entry to use on {@code wanted}: of those that run there the one that fits best, the first of equals.
     * An index whose single entry names no platform stands for that entry.
     */
    public Optional<Descriptor> select(Platform wanted) {
        if (manifests.size() == 1 && manifests.getFirst().platform().isEmpty()) {
            return Optional.of(manifests.getFirst());
        }
        return manifests.stream()
            .filter(m -> m.platform().filter(p -> p.serves(wanted)).isPresent())
            .min(Comparator.comparingInt(m -> m.platform().orElseThrow().rank(wanted).orElseThrow()));
    }

    /** The platforms that the entries name, each once; attestations ({@code unknown/unknown}) are left out. */
    public List<Platform> platforms() {
        return manifests.stream()
            .flatMap(m -> m.platform().stream())
            .filter(p -> !p.os().equals("unknown"))
            .distinct()
            .toList();
    }

    @Override
    public List<Descriptor> references() {
        return manifests;
    }
}
