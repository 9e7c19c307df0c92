package dev.kiln.executor.frontend;

import java.util.Map;
import java.util.Optional;

import dev.kiln.executor.graph.OpSpec;
import dev.kiln.layercache.oci.Platform;

/**
 * What a request adds to a Dockerfile.
 *
 * @param context the files that COPY takes when it does not say otherwise
 * @param target name, or else number, of the stage to build; absent means the last
 * @param labels set on the image after those of the Dockerfile
 * @param platform what the executor builds on and for
 * @param network of steps that do not say
 * @param noCache run every step again
 */
public record FrontendOptions(OpSpec.Context context, Optional<String> target, Map<String, String> buildArgs,
        Map<String, String> labels, Platform platform, OpSpec.Network network, boolean noCache) {

    public FrontendOptions {
        platform = platform.normalized();
        buildArgs = Map.copyOf(buildArgs);
        labels = Map.copyOf(labels);
    }
}
