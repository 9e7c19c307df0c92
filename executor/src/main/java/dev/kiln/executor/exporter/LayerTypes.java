package dev.kiln.executor.exporter;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.MediaTypes;

/** Layers of any image as they may stand in a manifest: same bytes, its kind of media type, nobody's private notes. */
public final class LayerTypes {
    /** Of which Docker's specification does not tell; builders and runtimes use it all the same. */
    private static final String DOCKER_ZSTD = "application/vnd.docker.image.rootfs.diff.tar.zstd";
    private static final Map<String, String> OCI = Map.of(MediaTypes.DOCKER_LAYER, MediaTypes.OCI_LAYER,
            MediaTypes.DOCKER_LAYER_GZIP, MediaTypes.OCI_LAYER_GZIP,
            DOCKER_ZSTD, MediaTypes.OCI_LAYER_ZSTD,
            "application/vnd.docker.image.rootfs.foreign.diff.tar",
            "application/vnd.oci.image.layer.nondistributable.v1.tar",
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip");
    private static final Map<String, String> DOCKER = OCI.entrySet()
        .stream()
        .collect(Collectors.toUnmodifiableMap(Map.Entry::getValue, Map.Entry::getKey));
    private static final Set<String> PRIVATE = Set.of("containerd.io/uncompressed", "buildkit/createdat");
    private static final String SOURCE = "containerd.io/distribution.source.";

    private LayerTypes() {}

    public static Descriptor toOci(Descriptor layer) {
        Map<String, String> annotations = new TreeMap<>(layer.annotations());
        annotations.keySet().removeIf(name -> PRIVATE.contains(name) || name.startsWith(SOURCE));
        return new Descriptor(OCI.getOrDefault(layer.mediaType(), layer.mediaType()), layer.digest(), layer.size(),
                annotations, layer.platform(), layer.artifactType());
    }

    /** In a manifest of Docker's schema 2, where descriptors have no annotations. */
    static Descriptor toDocker(Descriptor layer) {
        return Descriptor.of(DOCKER.getOrDefault(layer.mediaType(), layer.mediaType()), layer.digest(), layer.size());
    }
}
