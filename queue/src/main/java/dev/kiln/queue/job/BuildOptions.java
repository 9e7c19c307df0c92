package dev.kiln.queue.job;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

import dev.kiln.layercache.oci.Platform;

import static dev.kiln.queue.job.Checks.check;

/**
 * What a request tells a Dockerfile.
 *
 * @param target name or number of the stage to build; absent means the last
 * @param platform what the image is for; absent means the executor's own
 * @param labels set on the image after those of the Dockerfile
 */
public record BuildOptions(Optional<String> target, Optional<Platform> platform, Map<String, String> buildArgs,
        Map<String, String> labels, CacheOptions cache) {
    public static final BuildOptions NONE = new BuildOptions(Optional.empty(), Optional.empty(), Map.of(), Map.of(),
            CacheOptions.USUAL);

    private static final int MAX_TARGET = 256;
    private static final Set<String> ON = Set.of("1", "t", "T", "true", "TRUE", "True");

    public BuildOptions {
        buildArgs = Map.copyOf(buildArgs);
        labels = Map.copyOf(labels);
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
