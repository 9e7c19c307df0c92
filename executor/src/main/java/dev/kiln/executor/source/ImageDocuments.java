package dev.kiln.executor.source;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.content.ContentStore;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.ImageConfigJson;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.ManifestJson;
import dev.kiln.layercache.oci.OciException;
import dev.kiln.layercache.oci.RawManifest;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.layercache.registry.Repository;

/**
 * Manifests and configurations of images, from the content store when they are there by digest, else from the registry
 * and then kept. Safe for many threads.
 */
final class ImageDocuments {
    private final RegistryClient registries;
    private final ContentStore content;

    ImageDocuments(RegistryClient registries, ContentStore content) {
        this.registries = registries;
        this.content = content;
    }

    /** One image: what its manifest and its configuration say. */
    record Image(RawManifest raw, Manifest manifest, ImageConfig config) {

        /** @throws OciException when the two do not fit together */
        Image {
            if (manifest.layers().size() != config.layers().size()) {
                throw new OciException(OciException.Code.INVALID, "the manifest has " + manifest.layers().size()
                        + " layers, the configuration " + config.layers().size());
            }
        }

        List<Digest> diffIds() {
            return config.layers();
        }
    }

    /**
     * The manifest or index that the reference names. A tag is looked up every time, which is one short request when what
     * it names is here already; only a registry with a {@code resolveTtl} is believed for that time.
     */
    RawManifest named(ImageReference reference) throws IOException, InterruptedException {
        Repository repository = registries.repository(reference);
        Optional<Digest> digest = reference.digest();
        if (digest.isEmpty()) {
            digest = repository.resolve(reference.manifestKey()).map(Descriptor::digest);
        }
        Optional<RawManifest> here = digest.isEmpty() ? Optional.empty() : stored(digest.get());
        return here.isPresent() ? here.get() : fetch(repository, reference.manifestKey());
    }

    private RawManifest fetch(Repository repository, String key) throws IOException, InterruptedException {
        RawManifest fetched = repository.manifest(key);
        content.ingest(fetched.bytes());
        return fetched;
    }

    private Optional<RawManifest> stored(Digest digest) throws IOException {
        OptionalLong size = content.size(digest);
        if (size.isEmpty() || size.getAsLong() > RawManifest.MAX_BYTES) {
            return Optional.empty();
        }
        byte[] bytes = read(digest, RawManifest.MAX_BYTES);
        return Optional.of(new RawManifest(ManifestJson.mediaType("", bytes), bytes, digest));
    }

    /** The image of the manifest. */
    Image image(ImageReference reference, RawManifest raw) throws IOException, InterruptedException {
        if (!(raw.parse() instanceof Manifest manifest)) {
            throw new OciException(OciException.Code.INVALID, "an index stands where the manifest of one image should");
        }
        Descriptor config = manifest.config();
        if (config.size() > ImageConfigJson.MAX_BYTES) {
            throw new OciException(OciException.Code.TOO_LARGE, "the configuration has " + config.size()
                    + " bytes, more than " + ImageConfigJson.MAX_BYTES);
        }
        if (content.size(config.digest()).isEmpty()) {
            registries.repository(reference).pull(config, content);
        }
        return new Image(raw, manifest, ImageConfigJson.decode(read(config.digest(), ImageConfigJson.MAX_BYTES)));
    }

    private byte[] read(Digest digest, int limit) throws IOException {
        try (InputStream in = content.open(digest)) {
            byte[] bytes = in.readNBytes(limit + 1);
            if (bytes.length > limit) {
                throw new ContentException(ContentException.Code.TOO_LARGE,
                        "the document " + digest + " has more than " + limit + " bytes");
            }
            return bytes;
        }
    }
}
