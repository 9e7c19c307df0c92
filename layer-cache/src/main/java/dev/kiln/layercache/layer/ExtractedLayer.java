package dev.kiln.layercache.layer;

import java.util.Optional;

import dev.kiln.layercache.oci.Digest;

/**
 * What a layer turned out to be when it was extracted.
 *
 * @param diffId digest of the uncompressed tar; compare it with the image config's
 * @param tarSize bytes of the uncompressed tar
 * @param entries in the archive, the whiteouts among them
 * @param root attributes of the root directory, if the layer has an entry for it; they are not applied to the target
 */
public record ExtractedLayer(Digest diffId, long tarSize, long entries, Optional<Attributes> root) {}
