package dev.kiln.executor.exporter;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.index.CacheEntry;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.index.CacheIndex;
import dev.kiln.layercache.index.CacheKey;
import dev.kiln.layercache.layer.Compression;
import dev.kiln.layercache.layer.LayerPacker;
import dev.kiln.layercache.layer.LayerSource;
import dev.kiln.layercache.layer.MergeRules;
import dev.kiln.layercache.layer.PackedLayer;
import dev.kiln.layercache.oci.Digest;

/**
 * Layers in forms that outputs want them in. Which blob a form gave stands in the index beside the results of steps, so
 * nothing is made twice as long as the blob is there; two builds that want one form at once make it once. The same layers
 * give the same blob. Safe for many threads.
 */
public final class LayerForms {
    private static final Logger LOG = LoggerFactory.getLogger(LayerForms.class);
    /** Part of every key: changes when the same input gives other bytes. */
    private static final String VERSION = "layer-form 1";

    private final LayerPacker packer;
    private final BlobReader layers;
    private final LayerFiles files;
    private final BlobReader content;
    private final CacheIndex memory;
    private final InstantSource clock;
    private final Sharing sharing;

    /** What is under way, for all who would make the same. */
    private record Sharing(Semaphore places,
            ConcurrentHashMap<CacheKey, CompletableFuture<Optional<IOException>>> running) {}

    /** What becomes of the times of files. */
    public sealed interface Times {
        record Kept() implements Times {}

        record NotAfter(Instant latest) implements Times {}

        record All(Instant time) implements Times {}
    }

    private interface Work {
        PackedLayer run() throws IOException;
    }

    /**
     * @param layers every layer of every image; opening one may fetch it
     * @param content the local store, to which {@code packer} writes
     */
    public LayerForms(LayerPacker packer, BlobReader layers, LayerFiles files, BlobReader content, CacheIndex memory,
            InstantSource clock) {
        this(packer, layers, files, content, memory, clock,
                new Sharing(new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors())),
                        new ConcurrentHashMap<>()));
    }

    private LayerForms(LayerPacker packer, BlobReader layers, LayerFiles files, BlobReader content, CacheIndex memory,
            InstantSource clock, Sharing sharing) {
        this.packer = packer;
        this.files = files;
        this.layers = layers;
        this.content = content;
        this.memory = memory;
        this.clock = clock;
        this.sharing = sharing;
    }

    /** The same forms, for who has another way to layers that are not here. */
    public LayerForms with(BlobReader others) {
        return new LayerForms(packer, others, files, content, memory, clock, sharing);
    }

    /** The same layer, compressed so. */
    CachedLayer repacked(CachedLayer layer, Compression compression) throws IOException, InterruptedException {
        CachedLayer made = remembered(List.of("repacked", layer.diffId().toString(), compression.toString()),
                () -> pack(layer, compression));
        if (!made.diffId().equals(layer.diffId())) {
            throw new IOException("the layer " + layer.blob().digest() + " is the tar " + made.diffId()
                    + ", and not " + layer.diffId() + " as its image says");
        }
        return new CachedLayer(layer.diffId(), made.blob(), made.tarSize(), layer.snapshot(), layer.created());
    }

    /** From the files where that gives the same tar, or else from the blob. */
    private PackedLayer pack(CachedLayer layer, Compression compression) throws IOException {
        Optional<Path> directory = files.of(layer);
        if (directory.isPresent()) {
            PackedLayer packed = packer.pack(directory.get(), compression);
            if (packed.diffId().equals(layer.diffId())) {
                return packed;
            }
            LOG.info("action=layer-form layer={} outcome=files-are-another-tar", layer.diffId());
        }
        return packer.repack(source(layer), compression);
    }

    /** What a layer made of several has of them. */
    enum Extent {
        /** With deletions, for there are layers below. */
        PART,
        /** All that there is. */
        WHOLE,
        /** The same without the root directory, which is there already where the files are put. */
        FILES
    }

    /** What is seen of layers that lie on one another, as one. */
    CachedLayer merged(List<CachedLayer> stack, Extent extent, Times times, Compression compression)
            throws IOException, InterruptedException {
        String of = stack.stream().map(layer -> layer.diffId().toString()).collect(Collectors.joining(" "));
        MergeRules rules = new MergeRules(extent != Extent.PART, extent != Extent.FILES, switch (times) {
            case Times.Kept() -> time -> time;
            case Times.NotAfter(Instant latest) -> MergeRules.notAfter(latest);
            case Times.All(Instant all) -> _ -> all;
        });
        CachedLayer made = remembered(
                List.of("merged", of, extent.toString(), times.toString(), compression.toString()),
                () -> packer.merge(stack.stream().map(this::source).toList(), rules, compression));
        Optional<Instant> created = stack.isEmpty() ? Optional.empty() : stack.getLast().created();
        return new CachedLayer(made.diffId(), made.blob(), made.tarSize(), Optional.empty(), created);
    }

    private LayerSource source(CachedLayer layer) {
        return () -> layers.open(layer.blob().digest());
    }

    private CachedLayer remembered(List<String> what, Work work) throws IOException, InterruptedException {
        String preimage = VERSION + "\n" + String.join("\n", what);
        CacheKey key = new CacheKey(Digest.sha256(preimage.getBytes(StandardCharsets.UTF_8)));
        while (true) {
            Optional<CachedLayer> known = known(key);
            if (known.isPresent()) {
                return known.get();
            }
            CompletableFuture<Optional<IOException>> mine = new CompletableFuture<>();
            CompletableFuture<Optional<IOException>> other = sharing.running.putIfAbsent(key, mine);
            if (other == null) {
                return lead(key, what.getFirst(), work, mine);
            }
            follow(other);
        }
    }

    private Optional<CachedLayer> known(CacheKey key) throws IOException {
        Optional<CachedLayer> layer = memory.get(key).map(entry -> entry.layers().getFirst());
        return layer.isPresent() && content.size(layer.get().blob().digest()).isPresent() ? layer : Optional.empty();
    }

    /** Makes it for all who wait; when this thread is interrupted, one of them takes over. */
    private CachedLayer lead(CacheKey key, String kind, Work work, CompletableFuture<Optional<IOException>> outcome)
            throws IOException, InterruptedException {
        Optional<IOException> failure = Optional.empty();
        try {
            sharing.places.acquire();
            try {
                return make(key, kind, work);
            } finally {
                sharing.places.release();
            }
        } catch (IOException e) {
            failure = Thread.currentThread().isInterrupted() ? Optional.empty() : Optional.of(e);
            throw e;
        } finally {
            sharing.running.remove(key, outcome);
            outcome.complete(failure);
        }
    }

    private CachedLayer make(CacheKey key, String kind, Work work) throws IOException {
        Instant begun = clock.instant();
        PackedLayer packed = work.run();
        // The time says that the layer was made here, and is not to be had again when its blob is gone.
        CachedLayer layer = new CachedLayer(packed.diffId(), packed.blob(), packed.tarSize(), Optional.empty(),
                Optional.of(begun));
        Duration cost = Duration.between(begun, clock.instant());
        memory.put(new CacheEntry(key, List.of(layer), cost, begun, Map.of("layer-form", kind)));
        LOG.info("action=layer-form kind={} blob={} type={} bytes={} ms={}", kind, packed.blob().digest(),
                packed.blob().mediaType(), packed.blob().size(), cost.toMillis());
        return layer;
    }

    private static void follow(CompletableFuture<Optional<IOException>> outcome)
            throws IOException, InterruptedException {
        try {
            Optional<IOException> failure = outcome.get();
            if (failure.isPresent()) {
                throw new IOException(failure.get().getMessage(), failure.get());
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("an outcome is never completed with a failure", e);
        }
    }
}
