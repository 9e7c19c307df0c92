package dev.kiln.api.distribution;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageDocument;
import dev.kiln.layercache.oci.ManifestJson;
import dev.kiln.layercache.oci.OciException;

/** The manifests of repositories as they lie in the content store. */
final class StoredManifests {
    private final BlobReader content;
    private final TagStore tags;

    StoredManifests(BlobReader content, TagStore tags) {
        this.content = content;
        this.tags = tags;
    }

    /** The manifest's bytes; empty when the store has lost them or found them damaged. */
    Optional<byte[]> read(Digest manifest) throws IOException {
        try (InputStream in = content.open(manifest)) {
            return Optional.of(in.readAllBytes());
        } catch (ContentException e) {
            return switch (e.code()) {
                case NOT_FOUND, DIGEST_MISMATCH, SIZE_MISMATCH -> Optional.empty();
                case TOO_LARGE, NO_SPACE, INVALID, UNAVAILABLE -> throw e;
            };
        }
    }

    /** A manifest that the repository lists; empty also when its bytes are gone. */
    Optional<ImageDocument> document(RepositoryName name, Digest manifest) throws IOException {
        Optional<String> mediaType = tags.mediaType(name, manifest);
        return mediaType.isEmpty()
                ? Optional.empty()
                : read(manifest).map(bytes -> parse(mediaType.get(), bytes));
    }

    /** A manifest of the repository that is this blob or refers to it. Reads all of them until one does. */
    Optional<Digest> userOf(RepositoryName name, Digest blob) throws IOException {
        for (Digest manifest : tags.manifests(name)) {
            if (manifest.equals(blob) || document(name, manifest).filter(d -> refersTo(d, blob)).isPresent()) {
                return Optional.of(manifest);
            }
        }
        return Optional.empty();
    }

    private static boolean refersTo(ImageDocument document, Digest blob) {
        return document.references().stream().anyMatch(part -> part.digest().equals(blob));
    }

    /** Reads a manifest that was sent as {@code mediaType}. */
    static ImageDocument parse(String mediaType, byte[] bytes) {
        try {
            return ManifestJson.decode(mediaType, bytes);
        } catch (OciException e) {
            throw new DistributionException(DistributionError.MANIFEST_INVALID, String.valueOf(e.getMessage()));
        }
    }
}
