package dev.kiln.cli.output;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.ImageReference;

/** How a layout names an image, in the annotations that containerd and docker read. */
final class LayoutNames {
    private static final String IMAGE_NAME = "io.containerd.image.name";
    private static final String REF_NAME = "org.opencontainers.image.ref.name";

    private LayoutNames() {}

    /** One entry of the index for each name, or one without a name. */
    static List<Descriptor> of(Descriptor image, List<ImageReference> names) {
        List<Descriptor> entries = new ArrayList<>();
        for (ImageReference name : names) {
            Map<String, String> annotations = new TreeMap<>(image.annotations());
            annotations.put(IMAGE_NAME, canonical(name));
            annotations.put(REF_NAME, tag(name));
            entries.add(with(image, annotations));
        }
        return entries.isEmpty() ? List.of(image) : entries;
    }

    /** The same in a folder that may hold other images: one without a name is its latest. */
    static List<Descriptor> inLayout(Descriptor image, List<ImageReference> names) {
        if (!names.isEmpty()) {
            return of(image, names);
        }
        Map<String, String> annotations = new TreeMap<>(image.annotations());
        annotations.put(REF_NAME, "latest");
        return List.of(with(image, annotations));
    }

    private static Descriptor with(Descriptor image, Map<String, String> annotations) {
        return new Descriptor(image.mediaType(), image.digest(), image.size(), annotations, image.platform(),
                image.artifactType());
    }

    private static String tag(ImageReference name) {
        return name.tag().orElse("latest");
    }

    /** With host and tag: what docker takes a name without a host for. */
    private static String canonical(ImageReference name) {
        String repository = name.registry().isEmpty() && name.repository().indexOf('/') < 0
                ? "library/" + name.repository()
                : name.repository();
        return name.registry().orElse("docker.io") + "/" + repository + ":" + tag(name);
    }

    /** As people type it, with a tag. */
    static String familiar(ImageReference name) {
        return name.registry().filter(host -> !host.equals("docker.io")).map(host -> host + "/").orElse("")
                + name.repository() + ":" + tag(name);
    }
}
