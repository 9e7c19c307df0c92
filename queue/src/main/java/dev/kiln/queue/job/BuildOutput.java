package dev.kiln.queue.job;

import java.util.List;

import dev.kiln.layercache.oci.ImageReference;

import static dev.kiln.queue.job.Checks.check;

/**
 * What becomes of the image.
 *
 * @param names what it is to be called
 * @param push whether to push to the registries that the names say; otherwise the image stays in the farm as
 *        {@code builds/<id>}. Only for a build without {@code outputs}, each of which says for itself
 * @param outputs what the build gives; empty for the image alone, as it was built
 */
public record BuildOutput(List<ImageReference> names, boolean push, List<Output> outputs) {
    public static final BuildOutput NONE = new BuildOutput(List.of(), false);

    private static final int MAX_OUTPUTS = 32;

    public BuildOutput {
        names = List.copyOf(names);
        outputs = List.copyOf(outputs);
        check(!push || !names.isEmpty(), "a build that pushes needs a name to push to");
        check(!push || outputs.isEmpty(), "\"push\" is for a build without outputs: say so in the output");
        check(outputs.size() <= MAX_OUTPUTS, "more than " + MAX_OUTPUTS + " outputs");
        for (Output output : outputs) {
            check(!names.isEmpty() || !(output instanceof Output.Image(var own, var where, var _)) || !own.isEmpty()
                    || where == Output.Push.NO, "an output that pushes needs a name to push to");
        }
    }

    public BuildOutput(List<ImageReference> names, boolean push) {
        this(names, push, List.of());
    }

    /** The outputs, the usual one spelled out; never empty. */
    public List<Output> all() {
        return outputs.isEmpty()
                ? List.of(new Output.Image(List.of(), push ? Output.Push.TAGS : Output.Push.NO, ImageForm.USUAL))
                : outputs;
    }

    /** What the image of an output is called. */
    public List<ImageReference> namesOf(Output.Image image) {
        return image.names().isEmpty() ? names : image.names();
    }
}
