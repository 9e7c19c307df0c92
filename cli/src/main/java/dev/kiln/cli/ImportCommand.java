package dev.kiln.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.layercache.registry.RegistryException;

/** {@code kiln import}: a root file system as an image of one layer, in the farm's registry or another. */
@Command(name = "import", mixinStandardHelpOptions = true, description = "Makes an image from the tar of a root file system and pushes it.")
final class ImportCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final Farm farm = new Farm();

    @Parameters(index = "0", paramLabel = "TAR", description = "The tar, plain or in gzip; - for standard input.")
    @SuppressWarnings("NullAway.Init")
    private String tar;

    @Parameters(index = "1", paramLabel = "NAME", description = "What to call the image, [HOST/]REPOSITORY[:TAG].")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Option(names = {"-e",
        "--env"}, paramLabel = "KEY=VALUE", description = "The image's environment; may be given several times (default: the usual PATH).")
    private final List<String> env = new ArrayList<>();

    @Option(names = "--cmd", paramLabel = "WORD", description = "The image's command, word by word; may be given several times (default: /bin/sh).")
    private final List<String> command = new ArrayList<>();

    @Override
    public Integer call() throws CommandFailed, IOException, InterruptedException {
        ImageReference reference = reference();
        try (InputStream in = tar.equals("-") ? System.in : Files.newInputStream(Path.of(tar));
                RootfsLayer layer = RootfsLayer.read(in);
                RegistryClient client = farm.registry()) {
            ImageImport image = new ImageImport(layer, env.isEmpty() ? ImageImport.DEFAULT_ENV : env,
                    command.isEmpty() ? ImageImport.DEFAULT_COMMAND : command);
            Digest digest = image.push(client.repository(reference), reference);
            spec.commandLine().getOut().println(reference + " " + digest);
            return ExitCode.DONE;
        } catch (RegistryException e) {
            throw new CommandFailed(e.code() == RegistryException.Code.UNAVAILABLE
                    ? ExitCode.UNREACHABLE
                    : ExitCode.USAGE, String.valueOf(e.getMessage()));
        }
    }

    private ImageReference reference() {
        try {
            ImageReference reference = ImageReference.parse(name);
            if (reference.digest().isEmpty()) {
                return reference;
            }
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), name + ": " + e.getMessage());
        }
        throw new ParameterException(spec.commandLine(), name + ": an image to be made has no digest yet");
    }
}
