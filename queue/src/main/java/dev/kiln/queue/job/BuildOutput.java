package dev.kiln.queue.job;

import java.util.List;

import dev.kiln.layercache.oci.ImageReference;

import static dev.kiln.queue.job.Checks.check;

/**
 * What becomes of the image.
 *
 * @param names what it is to be called
 * @param push whether to push to the registries that the names say; otherwise the image stays in the farm as
 *        {@code builds/<id>}
 */
public record BuildOutput(List<ImageReference> names, boolean push) {
    public static final BuildOutput NONE = new BuildOutput(List.of(), false);

    public BuildOutput {
        names = List.copyOf(names);
        check(!push || !names.isEmpty(), "a build that pushes needs a name to push to");
    }
}
