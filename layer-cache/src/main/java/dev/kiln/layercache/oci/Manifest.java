package dev.kiln.layercache.oci;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One image: its config and its layers, base first (OCI image-spec, manifest.md; Docker's schema 2).
 *
 * @param artifactType set on artifacts that are no images
 * @param subject the manifest this one is attached to
 */
public record Manifest(String mediaType, Descriptor config, List<Descriptor> layers, Map<String, String> annotations,
        Optional<String> artifactType, Optional<Descriptor> subject) implements ImageDocument {

    public Manifest {
        if (!MediaTypes.isManifest(mediaType)) {
            throw new IllegalArgumentException("not the media type of an image manifest: " + mediaType);
        }
        layers = List.copyOf(layers);
        annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
    }

    /** An image in OCI's form. */
    public static Manifest of(Descriptor config, List<Descriptor> layers) {
        return new Manifest(MediaTypes.OCI_MANIFEST, config, layers, Map.of(), Optional.empty(), Optional.empty());
    }

    @Override
    public List<Descriptor> references() {
        List<Descriptor> all = new ArrayList<>(layers.size() + 1);
        all.add(config);
        all.addAll(layers);
        return List.copyOf(all);
    }
}
