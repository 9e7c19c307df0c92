package dev.kiln.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

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
import dev.kiln.layercache.registry.Repository;

/** An image of one layer, made from a root file system. The same layer and settings give the same image. */
final class ImageImport {
    static final List<String> DEFAULT_ENV = List
        .of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    static final List<String> DEFAULT_COMMAND = List.of("/bin/sh");

    private final RootfsLayer layer;
    private final List<String> env;
    private final List<String> command;

    ImageImport(RootfsLayer layer, List<String> env, List<String> command) {
        this.layer = layer;
        this.env = env;
        this.command = command;
    }

    /** Pushes layer, configuration and manifest, and returns the manifest's digest. */
    Digest push(Repository repository, ImageReference reference) throws IOException, InterruptedException {
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
        ImageConfig.RunConfig run = new ImageConfig.RunConfig(none.user(), env,
                none.entrypoint(), Optional.of(command), none.workingDir(),
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
