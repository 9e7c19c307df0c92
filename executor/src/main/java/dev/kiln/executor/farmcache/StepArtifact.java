package dev.kiln.executor.farmcache;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import dev.kiln.layercache.index.CacheEntry;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.index.CacheKey;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.FarmRepositories;
import dev.kiln.layercache.oci.ImageDocument;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.OciException;

/**
 * The result of a step as it stands in a registry. Nothing of what the keys were made of is in it: who asks for a key knows
 * that, and who may read the registry need not.
 *
 * @param keys all that the result was found to have when it was made
 * @param layers all of it, base first, without names of snapshots
 * @param cost how long the step took
 */
record StepArtifact(List<CacheKey> keys, List<CachedLayer> layers, Duration cost, Instant created) {
    static final String TYPE = "application/vnd.kiln.step.v1";
    static final byte[] CONFIG = "{}".getBytes(StandardCharsets.UTF_8);
    static final Descriptor CONFIG_BLOB = Descriptor.of(MediaTypes.OCI_EMPTY, CONFIG);

    /** In hex; the registry's collector reads it too. */
    private static final String KEYS = FarmRepositories.STEP_KEYS;
    private static final String CREATED = "dev.kiln.step.created";
    private static final String COST = "dev.kiln.step.cost";
    private static final String LAYERS = "dev.kiln.step.layers";
    private static final int MAX_KEYS = 16;
    private static final Duration MAX_COST = Duration.ofDays(365);

    StepArtifact {
        keys = List.copyOf(keys);
        layers = List.copyOf(layers);
    }

    /** @param entries with the same layers */
    static StepArtifact of(List<CacheEntry> entries) {
        CacheEntry first = entries.getFirst();
        List<CachedLayer> layers = first.layers()
            .stream()
            .map(StepArtifact::bare)
            .toList();
        return new StepArtifact(entries.stream().map(CacheEntry::key).limit(MAX_KEYS).toList(), layers, first.cost(),
                first.created());
    }

    private static CachedLayer bare(CachedLayer layer) {
        Descriptor blob = layer.blob();
        return new CachedLayer(layer.diffId(), Descriptor.of(blob.mediaType(), blob.digest(), blob.size()),
                layer.tarSize(), Optional.empty(), layer.created());
    }

    /** What a key is called in the registry. */
    static String tag(CacheKey key) {
        return key.digest().hex();
    }

    CacheEntry entry(CacheKey key) {
        return new CacheEntry(key, layers, cost, created, Map.of());
    }

    /** The layers that steps made, each once; those of a base image stay where they are. */
    List<Descriptor> blobs() {
        Map<Digest, Descriptor> blobs = new LinkedHashMap<>();
        layers.stream()
            .filter(layer -> layer.created().isPresent())
            .forEach(layer -> blobs.putIfAbsent(layer.blob().digest(), layer.blob()));
        return List.copyOf(blobs.values());
    }

    Manifest toManifest() {
        List<Descriptor> blobs = blobs();
        Map<String, String> annotations = Map.of(KEYS,
                keys.stream().map(StepArtifact::tag).collect(Collectors.joining(" ")), CREATED, created.toString(),
                COST, cost.toString(), LAYERS, LayerList.encode(layers));
        // A manifest without layers is none for some registries.
        return new Manifest(MediaTypes.OCI_MANIFEST, CONFIG_BLOB, blobs.isEmpty() ? List.of(CONFIG_BLOB) : blobs,
                annotations, Optional.of(TYPE), Optional.empty());
    }

    /**
     * Reads what stands under the tag of a key.
     *
     * @throws OciException when it is something else, of another key, or malformed
     */
    static StepArtifact of(CacheKey key, ImageDocument document) {
        if (!(document instanceof Manifest manifest) || !manifest.artifactType().equals(Optional.of(TYPE))) {
            throw invalid("it is no result of a step");
        }
        Map<String, String> annotations = manifest.annotations();
        try {
            List<CacheKey> keys = Arrays.stream(annotation(annotations, KEYS).split(" ", MAX_KEYS + 1))
                .map(hex -> new CacheKey(Digest.parse("sha256:" + hex)))
                .toList();
            if (keys.size() > MAX_KEYS || !keys.contains(key)) {
                throw invalid("it is the result of another step");
            }
            StepArtifact artifact = new StepArtifact(keys, LayerList.decode(annotation(annotations, LAYERS)),
                    Duration.parse(annotation(annotations, COST)), Instant.parse(annotation(annotations, CREATED)));
            artifact.check(manifest);
            return artifact;
        } catch (IllegalArgumentException | DateTimeException e) {
            throw e instanceof OciException known ? known : invalid(String.valueOf(e.getMessage()));
        }
    }

    /** A registry keeps what the manifest refers to, so that has to be all that steps made. */
    private void check(Manifest manifest) {
        if (cost.isNegative() || cost.compareTo(MAX_COST) > 0) {
            throw invalid("its cost is " + cost);
        }
        Set<Descriptor> held = new HashSet<>(manifest.layers());
        if (!held.containsAll(blobs())) {
            throw invalid("it does not refer to all its layers");
        }
    }

    private static String annotation(Map<String, String> annotations, String name) {
        String value = annotations.get(name);
        if (value == null) {
            throw invalid("it has no annotation " + name);
        }
        return value;
    }

    private static OciException invalid(String what) {
        return new OciException(OciException.Code.INVALID, what);
    }
}
