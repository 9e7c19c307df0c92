package dev.kiln.executor.cacheartifact;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

import dev.kiln.executor.cacheartifact.CacheArtifact.Entry;
import dev.kiln.executor.cachemount.Borrowed;
import dev.kiln.executor.cachemount.CacheMounts;
import dev.kiln.executor.graph.StepMount.Permissions;
import dev.kiln.layercache.content.ContentStore;
import dev.kiln.layercache.layer.PackedLayer;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.OciException;
import dev.kiln.layercache.oci.RawManifest;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.layercache.registry.RegistryException;
import dev.kiln.layercache.registry.Repository;

/**
 * Puts what caches hold into registries, in two steps as images are: bytes first, which any attempt of a build may, and the
 * tag when the build still may publish.
 *
 * <p>While a cache is packed nobody writes to it: steps that want it wait. One that steps have for longer than the exporter
 * waits stays in the artifact as it was.
 */
public final class CacheExporter {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final CacheMounts caches;
    private final TreePacking packing;
    private final ContentStore content;
    private final RegistryClient registries;
    private final InstantSource clock;
    private final Duration patience;

    /** @param content where {@code packing} puts what it packs */
    public CacheExporter(CacheMounts caches, TreePacking packing, ContentStore content, RegistryClient registries,
            InstantSource clock) {
        this(caches, packing, content, registries, clock, PATIENCE);
    }

    CacheExporter(CacheMounts caches, TreePacking packing, ContentStore content, RegistryClient registries,
            InstantSource clock, Duration patience) {
        this.caches = caches;
        this.packing = packing;
        this.content = content;
        this.registries = registries;
        this.clock = clock;
        this.patience = patience;
    }

    /** The same, over another way to registries. */
    public CacheExporter with(RegistryClient others) {
        return new CacheExporter(caches, packing, content, others, clock, patience);
    }

    /** What is in the registry and has no name yet. */
    public interface Uploaded {
        /** Gives it the name. */
        void publish() throws IOException, InterruptedException;
    }

    /**
     * Packs the caches of these ids and pushes them.
     *
     * @param ids the namespace included
     * @param notices gets lines for the person who asked for the build
     * @throws IOException when a cache cannot be packed, or the registry does not take it
     */
    public Uploaded upload(ImageReference to, Set<String> ids, Consumer<String> notices)
            throws IOException, InterruptedException {
        Repository repository = registries.repository(to);
        List<Entry> packed = new ArrayList<>();
        Set<String> whole = new HashSet<>();
        for (String id : ids) {
            List<Entry> ofId = pack(id, repository, notices);
            packed.addAll(ofId);
            if (!ofId.isEmpty() && ofId.size() == caches.origins(id).size()) {
                whole.add(id);
            }
        }
        for (Entry entry : packed) {
            repository.push(entry.blob(), content);
        }
        return packed.isEmpty() ? () -> {} : () -> publish(to, repository, packed, whole, notices);
    }

    private List<Entry> pack(String id, Repository repository, Consumer<String> notices)
            throws IOException, InterruptedException {
        List<Entry> packed = new ArrayList<>();
        List<String> origins = caches.origins(id);
        if (origins.isEmpty()) {
            notices
                .accept("the cache " + CacheArtifact.shown(id) + " is not exported: this executor has none of this id");
        }
        for (String origin : origins) {
            try (Borrowed cache = caches.borrow(id, origin, patience).orElse(null)) {
                if (cache == null) {
                    notices.accept("the cache " + CacheArtifact.shown(id) + " is not exported: steps still use it");
                } else {
                    packed.add(pack(id, origin, cache, repository));
                }
            }
        }
        return packed;
    }

    private Entry pack(String id, String origin, Borrowed cache, Repository repository)
            throws IOException, InterruptedException {
        RawPath root = RawPath.of(cache.directory());
        FileStat stat = Posix.lstat(root);
        Digest tree = TreePrint.of(root);
        Optional<PackedNote> known = cache.note().flatMap(PackedNote::decode).filter(n -> n.tree().equals(tree));
        PackedNote note = known.isPresent() && isThere(known.get().blob(), repository)
                ? known.get()
                : packAnew(cache, tree);
        return new Entry(id, CacheArtifact.origin(origin),
                new Permissions(stat.mode(), stat.owner().uid(), stat.owner().gid()), note.diffId(), note.packed(),
                note.blob());
    }

    private boolean isThere(Descriptor blob, Repository repository) throws IOException {
        return content.size(blob.digest()).isPresent() || repository.size(blob.digest()).isPresent();
    }

    private PackedNote packAnew(Borrowed cache, Digest tree) throws IOException, InterruptedException {
        PackedLayer layer = packing.pack(cache.directory());
        PackedNote note = new PackedNote(tree, layer.diffId(), layer.blob(),
                clock.instant().truncatedTo(ChronoUnit.SECONDS));
        cache.keepNote(note.encode());
        return note;
    }

    private void publish(ImageReference to, Repository repository, List<Entry> packed, Set<String> whole,
            Consumer<String> notices) throws IOException, InterruptedException {
        Optional<RawManifest> there = existing(to, repository);
        CacheArtifact before = there.isPresent() ? artifact(to, there.get()) : CacheArtifact.EMPTY;
        List<Entry> kept = new ArrayList<>();
        for (Entry entry : before.with(List.of(), whole).entries()) {
            if (repository.size(entry.blob().digest()).isPresent()) {
                kept.add(entry);
            }
        }
        RawManifest manifest = RawManifest.of(new CacheArtifact(kept).with(packed, whole).toManifest());
        if (there.map(RawManifest::digest).equals(Optional.of(manifest.digest()))) {
            return;
        }
        content.ingest(CacheArtifact.CONFIG);
        repository.push(Descriptor.of(MediaTypes.OCI_EMPTY, CacheArtifact.CONFIG), content);
        repository.putManifest(to.manifestKey(), manifest);
        notices.accept("exported " + packed.size() + (packed.size() == 1 ? " cache mount to " : " cache mounts to ")
                + to);
    }

    private static Optional<RawManifest> existing(ImageReference to, Repository repository)
            throws IOException, InterruptedException {
        try {
            return Optional.of(repository.manifest(to.manifestKey()));
        } catch (RegistryException e) {
            if (e.code() == RegistryException.Code.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static CacheArtifact artifact(ImageReference to, RawManifest there) throws IOException {
        try {
            return CacheArtifact.of(there.parse());
        } catch (OciException e) {
            throw new IOException("exporting cache mounts to " + to + ": what has this name must not be replaced: "
                    + e.getMessage(), e);
        }
    }
}
