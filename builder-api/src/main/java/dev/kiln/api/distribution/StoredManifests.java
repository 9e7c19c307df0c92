package dev.kiln.api.distribution;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageDocument;
import dev.kiln.layercache.oci.ManifestJson;
import dev.kiln.layercache.oci.OciException;

/** The manifests of repositories as they lie in the content store. Safe for many threads. */
public final class StoredManifests {
    private final BlobReader content;
    private final TagStore tags;
    /** Of manifests that repositories list; others go with the next {@link #forgetAllBut}. */
    private final Map<Digest, ManifestParts> parts = new ConcurrentHashMap<>();

    public StoredManifests(BlobReader content, TagStore tags) {
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

    /** What a manifest that the repository lists leads to; empty also when it cannot be read, as its next reader is told. */
    Optional<ManifestParts> parts(RepositoryName name, Digest manifest) throws IOException {
        ManifestParts known = parts.get(manifest);
        if (known != null) {
            return Optional.of(known);
        }
        Optional<String> mediaType = tags.mediaType(name, manifest);
        Optional<byte[]> bytes = mediaType.isEmpty() ? Optional.empty() : read(manifest);
        if (bytes.isEmpty()) {
            return Optional.empty();
        }
        try {
            ManifestParts read = ManifestParts.of(parse(mediaType.get(), bytes.get()), bytes.get().length);
            parts.put(manifest, read);
            return Optional.of(read);
        } catch (DistributionException _) {
            // What cannot be read refers to nothing; that it is damaged, its next reader is told.
            return Optional.empty();
        }
    }

    /** Forgets what no repository lists any more. */
    void forgetAllBut(Set<Digest> listed) {
        parts.keySet().retainAll(listed);
    }

    /** A manifest of the repository that is this blob or refers to it. */
    Optional<Digest> userOf(RepositoryName name, Digest blob) throws IOException {
        for (Digest manifest : tags.manifests(name)) {
            if (manifest.equals(blob) || parts(name, manifest).filter(p -> p.parts().containsKey(blob)).isPresent()) {
                return Optional.of(manifest);
            }
        }
        return Optional.empty();
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
