package dev.kiln.executor.exchange;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.executor.buildkit.CacheDocument;
import dev.kiln.executor.buildkit.CacheDocument.Found;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;

/**
 * A cache as it stands in a registry.
 *
 * @param blobs by digest, those that the repository says it has, with what their annotations say of them
 */
record FoundCache(CacheDocument document, Map<Digest, Descriptor> blobs) {

    FoundCache {
        blobs = Map.copyOf(blobs);
    }

    /** The layers of a result; empty when the repository lacks one, or does not say what it unpacks to. */
    Optional<List<CachedLayer>> layers(Found result) {
        List<CachedLayer> layers = new ArrayList<>();
        for (int index : result.layers()) {
            Descriptor blob = blobs.get(document.layers().get(index).blob());
            Optional<Digest> diffId = blob == null
                    ? Optional.empty()
                    : Optional.ofNullable(blob.annotations().get(CacheDocument.DIFF_ID)).flatMap(FoundCache::digest);
            if (blob == null || diffId.isEmpty()) {
                return Optional.empty();
            }
            Optional<Instant> created = Optional.ofNullable(blob.annotations().get(CacheDocument.CREATED))
                .flatMap(FoundCache::time)
                .or(result::created);
            layers.add(new CachedLayer(diffId.get(), Descriptor.of(blob.mediaType(), blob.digest(), blob.size()), 0,
                    Optional.empty(), created));
        }
        return Optional.of(List.copyOf(layers));
    }

    private static Optional<Digest> digest(String text) {
        try {
            return Optional.of(Digest.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<Instant> time(String text) {
        try {
            return Optional.of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
