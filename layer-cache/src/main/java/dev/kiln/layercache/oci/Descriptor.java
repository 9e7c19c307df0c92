package dev.kiln.layercache.oci;

import java.util.Map;
import java.util.Optional;

/**
 * Names content by type, digest and size in bytes (OCI image-spec, descriptor.md).
 *
 * @param artifactType set on manifests of artifacts only
 * @param platform set on the entries of an index only
 */
public record Descriptor(String mediaType, Digest digest, long size, Map<String, String> annotations,
        Optional<Platform> platform, Optional<String> artifactType) {

    public Descriptor {
        if (size < 0) {
            throw new IllegalArgumentException("negative size in the descriptor of " + digest);
        }
        annotations = Map.copyOf(annotations);
    }

    public static Descriptor of(String mediaType, Digest digest, long size) {
        return new Descriptor(mediaType, digest, size, Map.of(), Optional.empty(), Optional.empty());
    }

    /** The descriptor of these very bytes. */
    public static Descriptor of(String mediaType, byte[] content) {
        return of(mediaType, Digest.sha256(content), content.length);
    }
}
