package dev.kiln.executor.buildkit;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

import dev.kiln.layercache.oci.Digest;

/**
 * The document that says which results a cache holds ({@code application/vnd.buildkit.cacheconfig.v0}).
 *
 * @param layers blobs, each on top of another or of nothing
 */
public record CacheDocument(List<Layer> layers, List<Entry> entries) {
    public static final String MEDIA_TYPE = "application/vnd.buildkit.cacheconfig.v0";
    /** The annotation of a layer that names the digest of its tar. */
    public static final String DIFF_ID = "containerd.io/uncompressed";
    /** The annotation of a layer that says when it was made. */
    public static final String CREATED = "buildkit/createdat";

    public CacheDocument {
        layers = List.copyOf(layers);
        entries = List.copyOf(entries);
    }

    /** @param below index of the layer below; -1 for none */
    public record Layer(Digest blob, int below) {}

    /**
     * A key, and what was made under it.
     *
     * @param inputs for each input the links any of which will do
     */
    public record Entry(Digest key, List<List<Link>> inputs, List<Found> results) {

        public Entry {
            inputs = inputs.stream().map(List::copyOf).toList();
            results = List.copyOf(results);
        }
    }

    /**
     * @param entry index of the input's entry
     * @param selector empty text for none
     */
    public record Link(int entry, String selector) {}

    /**
     * A result.
     *
     * @param layers indexes, base first
     */
    public record Found(List<Integer> layers, Optional<Instant> created) {

        public Found {
            layers = List.copyOf(layers);
        }
    }
}
