package dev.kiln.layercache.layer;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;

/**
 * A layer as it stands in an image.
 *
 * @param diffId digest of the uncompressed tar (OCI image-spec, config.md, "rootfs")
 * @param blob the compressed tar, in the content store
 * @param tarSize bytes of the uncompressed tar
 */
public record PackedLayer(Digest diffId, Descriptor blob, long tarSize) {}
