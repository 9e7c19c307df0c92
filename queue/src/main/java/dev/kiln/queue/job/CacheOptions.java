package dev.kiln.queue.job;

import java.util.List;

import static dev.kiln.queue.job.Checks.check;

/**
 * Which results of others a build uses, and for whom it leaves its own.
 *
 * @param off run every step again
 * @param offStages names of stages whose steps run again
 * @param from asked in this order, after what the executor has itself
 */
public record CacheOptions(boolean off, List<String> offStages, List<CacheImport> from, List<CacheExport> to) {
    public static final CacheOptions USUAL = new CacheOptions(false, List.of());

    private static final int MAX_PLACES = 32;

    public CacheOptions {
        offStages = List.copyOf(offStages);
        from = List.copyOf(from);
        to = List.copyOf(to);
        check(offStages.stream().noneMatch(String::isBlank), "a stage to build without the cache has an empty name");
        check(from.size() <= MAX_PLACES && to.size() <= MAX_PLACES,
                "more than " + MAX_PLACES + " places to import a cache from, or to export it to");
    }

    /** Without further places. */
    public CacheOptions(boolean off, List<String> offStages) {
        this(off, offStages, List.of(), List.of());
    }
}
