package dev.kiln.executor.cacheartifact;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import dev.kiln.executor.graph.StepMount.Permissions;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageDocument;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.OciException;

/** The caches of one tag. */
record CacheArtifact(List<Entry> entries) {
    static final String TYPE = "application/vnd.kiln.cachemount.v1";
    static final byte[] CONFIG = "{}".getBytes(StandardCharsets.UTF_8);
    static final CacheArtifact EMPTY = new CacheArtifact(List.of());

    private static final String ID = "dev.kiln.cachemount.id";
    private static final String ORIGIN = "dev.kiln.cachemount.origin";
    private static final String DIFF_ID = "dev.kiln.cachemount.diffid";
    private static final String ROOT = "dev.kiln.cachemount.root";
    private static final String PACKED = "dev.kiln.cachemount.packed";
    private static final int MAX_ENTRIES = 1000;
    private static final int MAX_ID = 4096;
    private static final long MAX_OWNER = 0xffff_fffeL;

    /**
     * One cache.
     *
     * @param id the namespace included
     * @param origin of the text that tells what it began with
     * @param root what its root directory looks like
     * @param diffId of the uncompressed tar
     * @param packed when
     */
    record Entry(String id, Digest origin, Permissions root, Digest diffId, Instant packed, Descriptor blob) {

        boolean is(String otherId, Digest otherOrigin) {
            return id.equals(otherId) && origin.equals(otherOrigin);
        }
    }

    /** In the one order that equal artifacts have. */
    CacheArtifact {
        entries = entries.stream()
            .sorted(Comparator.comparing(Entry::id).thenComparing(entry -> entry.origin().toString()))
            .toList();
    }

    /** An id as people write it, unless it is in a namespace. */
    static String shown(String id) {
        return id.startsWith("/") ? id.substring(1) : id;
    }

    static Digest origin(String text) {
        return Digest.sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    Optional<Entry> find(String id, Digest origin) {
        return entries.stream().filter(entry -> entry.is(id, origin)).findFirst();
    }

    /** The newer ones in the place of the same ones here and of all that are of these ids, beside the rest. */
    CacheArtifact with(List<Entry> newer, Set<String> ids) {
        Stream<Entry> others = entries.stream()
            .filter(entry -> !ids.contains(entry.id()) && newer.stream().noneMatch(n -> n.is(entry.id, entry.origin)));
        return new CacheArtifact(Stream.concat(others, newer.stream()).toList());
    }

    Manifest toManifest() {
        Descriptor config = Descriptor.of(MediaTypes.OCI_EMPTY, CONFIG);
        return new Manifest(MediaTypes.OCI_MANIFEST, config, entries.stream().map(CacheArtifact::toLayer).toList(),
                Map.of(), Optional.of(TYPE), Optional.empty());
    }

    private static Descriptor toLayer(Entry entry) {
        Permissions root = entry.root();
        return new Descriptor(MediaTypes.OCI_LAYER_ZSTD, entry.blob().digest(), entry.blob().size(),
                Map.of(ID, entry.id(), ORIGIN, entry.origin().toString(), DIFF_ID, entry.diffId().toString(), ROOT,
                        Integer.toOctalString(root.mode()) + " " + root.uid() + ":" + root.gid(), PACKED,
                        entry.packed().toString()),
                Optional.empty(), Optional.empty());
    }

    /** @throws OciException when it is something else, or malformed */
    static CacheArtifact of(ImageDocument document) {
        if (!(document instanceof Manifest manifest) || !manifest.artifactType().equals(Optional.of(TYPE))) {
            throw invalid("it is no artifact of cache mounts");
        }
        if (manifest.layers().size() > MAX_ENTRIES) {
            throw invalid("it has more than " + MAX_ENTRIES + " caches");
        }
        List<Entry> entries = new ArrayList<>();
        for (Descriptor layer : manifest.layers()) {
            Entry entry = entry(layer);
            if (entries.stream().anyMatch(other -> other.is(entry.id(), entry.origin()))) {
                throw invalid("it has one cache twice");
            }
            entries.add(entry);
        }
        return new CacheArtifact(entries);
    }

    private static Entry entry(Descriptor layer) {
        try {
            String id = annotation(layer, ID);
            if (id.isEmpty() || id.length() > MAX_ID) {
                throw invalid("the id of a cache is empty or longer than " + MAX_ID);
            }
            return new Entry(id, Digest.parse(annotation(layer, ORIGIN)), permissions(annotation(layer, ROOT)),
                    Digest.parse(annotation(layer, DIFF_ID)), Instant.parse(annotation(layer, PACKED)),
                    Descriptor.of(layer.mediaType(), layer.digest(), layer.size()));
        } catch (IllegalArgumentException | DateTimeException e) {
            throw e instanceof OciException known ? known : invalid(String.valueOf(e.getMessage()));
        }
    }

    private static String annotation(Descriptor layer, String name) {
        String value = layer.annotations().get(name);
        if (value == null) {
            throw invalid("a layer has no annotation " + name);
        }
        return value;
    }

    private static Permissions permissions(String text) {
        String[] parts = text.split("[ :]");
        if (parts.length == 3) {
            int mode = Integer.parseInt(parts[0], 8);
            long uid = Long.parseLong(parts[1]);
            long gid = Long.parseLong(parts[2]);
            if ((mode & ~07777) == 0 && uid >= 0 && uid <= MAX_OWNER && gid >= 0 && gid <= MAX_OWNER) {
                return new Permissions(mode, uid, gid);
            }
        }
        throw invalid("the mode and owner of a cache are malformed");
    }

    private static OciException invalid(String what) {
        return new OciException(OciException.Code.INVALID, what);
    }
}
