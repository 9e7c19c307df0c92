package dev.kiln.executor.exchange;

import java.util.Base64;
import java.util.Optional;
import java.util.stream.IntStream;

import dev.kiln.executor.buildkit.CacheDocument;
import dev.kiln.executor.buildkit.CacheDocument.Entry;
import dev.kiln.executor.buildkit.CacheDocument.Found;
import dev.kiln.executor.buildkit.CacheDocumentJson;

/** The cache that an image carries: entries whose layers are counted from the image's lowest. */
final class InlineCache {
    /** The field of the configuration. */
    static final String FIELD = CacheReader.INLINE;

    private InlineCache() {}

    /** @param cache whose results are all made of the image's layers, from its lowest */
    static Optional<String> of(CacheDocument cache) {
        if (cache.layers().isEmpty()) {
            return Optional.empty();
        }
        CacheDocument counted = new CacheDocument(cache.layers(), cache.entries()
            .stream()
            .map(entry -> new Entry(entry.key(), entry.inputs(), entry.results()
                .stream()
                .map(InlineCache::counted)
                .toList()))
            .toList());
        return Optional.of("\"" + Base64.getEncoder().encodeToString(CacheDocumentJson.writeInline(counted)) + "\"");
    }

    private static Found counted(Found result) {
        return new Found(IntStream.range(0, result.layers().size()).boxed().toList(),
                result.created());
    }
}
