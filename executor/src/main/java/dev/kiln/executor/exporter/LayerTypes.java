package dev.kiln.executor.exporter;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.MediaTypes;

/** Layers of any image as they may stand in an OCI manifest: same bytes, OCI's media type, nobody's private notes. */
public final class LayerTypes {
    private static final Map<String, String> OCI = Map.of(MediaTypes.DOCKER_LAYER, MediaTypes.OCI_LAYER,
            MediaTypes.DOCKER_LAYER_GZIP, MediaTypes.OCI_LAYER_GZIP,
            "application/vnd.docker.image.rootfs.diff.tar.zstd", MediaTypes.OCI_LAYER_ZSTD,
            "application/vnd.docker.image.rootfs.foreign.diff.tar",
            "application/vnd.oci.image.layer.nondistributable.v1.tar",
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip");
    private static final Set<String> PRIVATE = Set.of("containerd.io/uncompressed", "buildkit/createdat");
    private static final String SOURCE = "containerd.io/distribution.source.";

    private LayerTypes() {}

    public static Descriptor toOci(Descriptor layer) {
        Map<String, String> annotations = new TreeMap<>(layer.annotations());
        annotations.keySet().removeIf(name -> PRIVATE.contains(name) || name.startsWith(SOURCE));
        return new Descriptor(OCI.getOrDefault(layer.mediaType(), layer.mediaType()), layer.digest(), layer.size(),
                annotations, layer.platform(), layer.artifactType());
    }
}
