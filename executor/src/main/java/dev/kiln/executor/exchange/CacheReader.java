package dev.kiln.executor.exchange;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.executor.buildkit.CacheDocument;
import dev.kiln.executor.buildkit.CacheDocumentJson;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.ImageConfigJson;
import dev.kiln.layercache.oci.ImageIndex;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.layercache.registry.Repository;

/**
 * Reads caches from registries, in each of the forms in which they stand there. What comes is bounded and checked against
 * its digest; none of the layers is fetched. Safe for many threads.
 */
final class CacheReader {
    /** The field of an image's configuration that holds a cache, in base 64. */
    static final String INLINE = "moby.buildkit.cache.v0";

    private final RegistryClient registries;
    private final Platform platform;

    /** @param platform which image of an index is looked into */
    CacheReader(RegistryClient registries, Platform platform) {
        this.registries = registries;
        this.platform = platform;
    }

    /**
     * The cache under this name; empty for an image that holds none.
     *
     * @throws IllegalArgumentException when what stands there is malformed
     */
    Optional<FoundCache> read(ImageReference reference) throws IOException, InterruptedException {
        Repository repository = registries.repository(reference);
        return switch (repository.manifest(reference.manifestKey()).parse()) {
            case Manifest manifest -> ofManifest(manifest, repository);
            case ImageIndex index -> ofIndex(index, repository);
        };
    }

    private Optional<FoundCache> ofIndex(ImageIndex index, Repository repository)
            throws IOException, InterruptedException {
        Optional<Descriptor> cache = index.manifests()
            .stream()
            .filter(entry -> entry.mediaType().equals(CacheDocument.MEDIA_TYPE))
            .findFirst();
        if (cache.isPresent()) {
            return Optional.of(document(cache.get(), index.manifests(), repository));
        }
        Optional<Descriptor> image = index.select(platform);
        if (image.isPresent() && repository.manifest(image.get().digest().toString()).parse() instanceof Manifest one) {
            return ofManifest(one, repository);
        }
        return Optional.empty();
    }

    private static Optional<FoundCache> ofManifest(Manifest manifest, Repository repository) throws IOException {
        return manifest.config().mediaType().equals(CacheDocument.MEDIA_TYPE)
                ? Optional.of(document(manifest.config(), manifest.layers(), repository))
                : inline(manifest, repository);
    }

    private static FoundCache document(Descriptor document, List<Descriptor> blobs, Repository repository)
            throws IOException {
        Map<Digest, Descriptor> byDigest = new HashMap<>();
        blobs.forEach(blob -> byDigest.put(blob.digest(), blob));
        return new FoundCache(CacheDocumentJson.read(bytes(document, CacheDocumentJson.MAX_BYTES, repository)),
                byDigest);
    }

    /** Layers of an image say in its configuration what they unpack to, and when they were made. */
    private static Optional<FoundCache> inline(Manifest manifest, Repository repository) throws IOException {
        byte[] config = bytes(manifest.config(), ImageConfigJson.MAX_BYTES, repository);
        Optional<String> records = ImageConfigJson.text(config, INLINE);
        if (records.isEmpty()) {
            return Optional.empty();
        }
        ImageConfig image = ImageConfigJson.decode(config);
        List<Descriptor> layers = manifest.layers();
        if (image.layers().size() != layers.size()) {
            throw new IllegalArgumentException("the image's manifest and its configuration do not fit together");
        }
        List<ImageConfig.History> made = image.history().stream().filter(line -> !line.emptyLayer()).toList();
        Map<Digest, Descriptor> byDigest = new HashMap<>();
        List<Digest> order = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            Map<String, String> notes = new HashMap<>();
            notes.put(CacheDocument.DIFF_ID, image.layers().get(i).toString());
            if (i < made.size()) {
                made.get(i).created().ifPresent(time -> notes.put(CacheDocument.CREATED, time.toString()));
            }
            Descriptor layer = layers.get(i);
            order.add(layer.digest());
            byDigest.put(layer.digest(), new Descriptor(layer.mediaType(), layer.digest(), layer.size(), notes,
                    Optional.empty(), Optional.empty()));
        }
        byte[] json = Base64.getDecoder().decode(records.get());
        return Optional.of(new FoundCache(CacheDocumentJson.readInline(json, order), byDigest));
    }

    private static byte[] bytes(Descriptor blob, int limit, Repository repository) throws IOException {
        if (blob.size() > limit) {
            throw new IllegalArgumentException("a document of " + blob.size() + " bytes is larger than " + limit);
        }
        try (InputStream in = repository.open(blob.digest())) {
            byte[] bytes = in.readNBytes(limit + 1);
            if (bytes.length > limit) {
                throw new IllegalArgumentException("a document is larger than " + limit + " bytes");
            }
            return bytes;
        }
    }
}
