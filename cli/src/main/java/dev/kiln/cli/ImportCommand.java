package dev.kiln.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.ImageConfigJson;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.layercache.oci.RawManifest;
import dev.kiln.layercache.registry.Credentials;
import dev.kiln.layercache.registry.Keychain;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.layercache.registry.RegistryException;
import dev.kiln.layercache.registry.RegistrySettings;
import dev.kiln.layercache.registry.Repository;
import dev.kiln.layercache.registry.RetryPolicy;

/** {@code kiln import}: a root file system as an image of one layer, in the farm's registry or another. */
@Command(name = "import", mixinStandardHelpOptions = true, description = "Makes an image from the tar of a root file system and pushes it.")
final class ImportCommand implements Callable<Integer> {
    private static final String PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

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
                RegistryClient client = client()) {
            Digest image = push(client.repository(reference), reference, layer);
            spec.commandLine().getOut().println(reference + " " + image);
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

    private RegistryClient client() {
        Keychain keychain = host -> Farm.token()
            .filter(t -> host.equals(farm.client().address().getAuthority()))
            .map(t -> new Credentials("kiln", t));
        return new RegistryClient(new RegistrySettings(farm.client().address(), java.util.Set.of()), keychain,
                RetryPolicy.standard(), InstantSource.system());
    }

    private Digest push(Repository repository, ImageReference reference, RootfsLayer layer)
            throws IOException, InterruptedException {
        byte[] config = config(layer.diffId());
        Descriptor configBlob = Descriptor.of(MediaTypes.OCI_CONFIG, config);
        repository.push(layer.descriptor(), one(layer.descriptor(), layer::open));
        repository.push(configBlob, one(configBlob, () -> new ByteArrayInputStream(config)));
        RawManifest manifest = RawManifest.of(Manifest.of(configBlob, List.of(layer.descriptor())));
        repository.putManifest(reference.manifestKey(), manifest);
        return manifest.digest();
    }

    private byte[] config(Digest diffId) {
        ImageConfig.RunConfig none = ImageConfig.RunConfig.EMPTY;
        ImageConfig.RunConfig run = new ImageConfig.RunConfig(none.user(), env.isEmpty() ? List.of(PATH) : env,
                none.entrypoint(), Optional.of(command.isEmpty() ? List.of("/bin/sh") : command), none.workingDir(),
                none.labels(), none.exposedPorts(), none.volumes(), none.stopSignal(), none.shell(), none.onBuild(),
                none.healthcheck(), none.argsEscaped(), Map.of());
        ImageConfig.History history = new ImageConfig.History(Optional.empty(), "kiln import", Optional.empty(),
                false);
        return ImageConfigJson.encode(new ImageConfig(Platform.host(), Optional.empty(), Optional.empty(), run,
                List.of(diffId), List.of(history)));
    }

    private interface Opener {
        InputStream open() throws IOException;
    }

    private static BlobReader one(Descriptor blob, Opener opener) {
        return new BlobReader() {
            @Override
            public OptionalLong size(Digest digest) {
                return digest.equals(blob.digest()) ? OptionalLong.of(blob.size()) : OptionalLong.empty();
            }

            @Override
            public InputStream open(Digest digest, long offset) throws IOException {
                if (!digest.equals(blob.digest())) {
                    throw new ContentException(ContentException.Code.NOT_FOUND, "not of this image: " + digest);
                }
                InputStream in = opener.open();
                in.skipNBytes(offset);
                return in;
            }
        };
    }
}
