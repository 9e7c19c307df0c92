package dev.kiln.api.distribution;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageDocument;

/**
 * What a manifest leads to, which never changes.
 *
 * @param size its own bytes
 * @param parts what it consists of, with their sizes as it says
 * @param subject the manifest it is attached to
 */
record ManifestParts(long size, Map<Digest, Long> parts, Optional<Digest> subject) {

    static ManifestParts of(ImageDocument document, long size) {
        Map<Digest, Long> parts = new LinkedHashMap<>();
        for (Descriptor part : document.references()) {
            parts.put(part.digest(), part.size());
        }
        return new ManifestParts(size, Map.copyOf(parts), document.subject().map(Descriptor::digest));
    }
}
