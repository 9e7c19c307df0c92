package dev.kiln.queue.job;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import dev.kiln.layercache.oci.Platform;

import static dev.kiln.queue.job.Checks.check;

/**
 * What a request tells a Dockerfile.
 *
 * @param target name or number of the stage to build; absent means the last
 * @param platforms what the image is for: with several, an image for each under one index; empty means the executor's own
 * @param labels set on the image after those of the Dockerfile
 */
public record BuildOptions(Optional<String> target, List<Platform> platforms, Map<String, String> buildArgs,
        Map<String, String> labels, CacheOptions cache) {
    public static final BuildOptions NONE = new BuildOptions(Optional.empty(), List.of(), Map.of(), Map.of(),
            CacheOptions.USUAL);

    private static final int MAX_TARGET = 256;
    private static final int MAX_PLATFORMS = 32;
    private static final Set<String> ON = Set.of("1", "t", "T", "true", "TRUE", "True");

    public BuildOptions {
        buildArgs = Map.copyOf(buildArgs);
        labels = Map.copyOf(labels);
        platforms = platforms.stream().map(Platform::normalized).distinct().toList();
        check(platforms.size() <= MAX_PLATFORMS, "an image for more than " + MAX_PLATFORMS + " platforms");
        check(target.map(String::length).orElse(0) <= MAX_TARGET,
                "the target has more than " + MAX_TARGET + " characters");
        Checks.checkPairs(buildArgs, "a build argument");
        Checks.checkPairs(labels, "a label");
    }

    /** Whether the image shall hold a cache: asked for as such, or by {@code BUILDKIT_INLINE_CACHE}. */
    public boolean inlineCache() {
        return ON.contains(buildArgs.getOrDefault("BUILDKIT_INLINE_CACHE", ""))
                || cache.to().stream().anyMatch(CacheExport.Inline.class::isInstance);
    }
}
