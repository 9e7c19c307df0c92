package dev.kiln.cli;

import java.util.ArrayList;
import java.util.List;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import dev.kiln.cli.output.OutputException;
import dev.kiln.cli.output.Outputs;
import dev.kiln.layercache.oci.ImageReference;

/** What a build gives, spelled as docker buildx spells it. */
final class OutputFlags {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = {"-o",
        "--output"}, paramLabel = "type=TYPE,KEY=VALUE", description = "What the build gives: type=registry, image, oci, docker, tar or local, with dest=FILE; a folder for the files of the image, or - for a tar of them. May be given several times.")
    private final List<String> outputs = new ArrayList<>();

    @Option(names = "--push", description = "Push to the registries that the names say; the same as --output type=registry.")
    private boolean push;

    @Option(names = "--load", description = "Give the image to the docker on this machine; the same as --output type=docker.")
    private boolean load;

    @Option(names = "--annotation", paramLabel = "[TYPE:]KEY=VALUE", description = "An annotation of the image; TYPE is manifest (the usual), manifest-descriptor, index or index-descriptor, with [PLATFORM] for one of several. May be given several times.")
    private final List<String> annotations = new ArrayList<>();

    /**
     * @param names of the build
     * @param platforms how many images it makes
     */
    Outputs read(List<ImageReference> names, int platforms) {
        if (push && names.isEmpty() && outputs.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "--push needs a name to push to: add -t NAME");
        }
        try {
            return Outputs.of(new Outputs.Wishes(names, outputs, push, load, annotations), platforms);
        } catch (OutputException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
        }
    }
}
