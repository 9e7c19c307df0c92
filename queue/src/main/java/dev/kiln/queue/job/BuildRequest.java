package dev.kiln.queue.job;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.layercache.oci.ImageReference;

/**
 * A build as it was accepted. Holds no secret.
 *
 * @param dockerfile path of the Dockerfile inside the context, with {@code /} between names
 * @param target name or number of the stage to build; absent means the last
 * @param names what the image is to be called
 * @param push whether to push to the registries that the names say; otherwise the image stays in the farm as
 *        {@code builds/<id>}
 * @param network for steps that do not say; absent means the executor's default
 * @param noCache run every step again
 */
public record BuildRequest(BuildId id, Instant submitted, ContextRef context, String dockerfile,
        Optional<String> target, Map<String, String> buildArgs, Map<String, String> labels,
        List<ImageReference> names, boolean push, boolean noCache, Optional<NetworkMode> network, StepLimits limits) {

    public BuildRequest {
        buildArgs = Map.copyOf(buildArgs);
        labels = Map.copyOf(labels);
        names = List.copyOf(names);
        check(!push || !names.isEmpty(), "a build that pushes needs a name to push to");
        check(!dockerfile.isBlank(), "the path of the Dockerfile is empty");
        check(dockerfile.indexOf(0) < 0, "the path of the Dockerfile holds a NUL character");
        buildArgs.forEach((name, value) -> {
            check(!name.isEmpty() && name.indexOf('=') < 0, "a build argument needs a name without \"=\"");
            check(name.indexOf(0) < 0 && value.indexOf(0) < 0, "a build argument holds a NUL character");
        });
    }

    private static void check(boolean ok, String problem) {
        if (!ok) {
            throw new IllegalArgumentException(problem);
        }
    }
}
