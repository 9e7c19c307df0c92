package dev.kiln.executor.solver;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.oci.Digest;

/**
 * What a vertex gave: a stack of layers, base first, or a tree.
 *
 * <p>A layer can be used as files before it is packed: its snapshot is there at once, its digests come later. Who needs
 * the digests (the cache index, the exporter) waits for them; the next step does not.
 *
 * @param tree for a build's context, which is copied from and never becomes part of an image: the digest of its archive;
 *        then there are no layers
 */
public record Result(List<Layer> layers, Optional<Digest> tree) {

    public Result {
        layers = List.copyOf(layers);
        if (tree.isPresent() && !layers.isEmpty()) {
            throw new IllegalArgumentException("a tree has no layers");
        }
    }

    public Result(List<Layer> layers) {
        this(layers, Optional.empty());
    }

    public static Result ofTree(Digest archive) {
        return new Result(List.of(), Optional.of(archive));
    }

    /** This result with one more layer on top. */
    public Result plus(Layer layer) {
        List<Layer> all = new ArrayList<>(layers);
        all.add(layer);
        return new Result(all);
    }

    /**
     * One layer.
     *
     * @param snapshot the unpacked directory of a layer made here; empty for one that so far is only a blob
     * @param packed digests and blob, when packing has ended and both blob and snapshot survive a crash; fails when
     *        packing failed
     */
    public record Layer(Optional<String> snapshot, CompletableFuture<CachedLayer> packed) {

        public static Layer of(CachedLayer known) {
            return new Layer(known.snapshot(), CompletableFuture.completedFuture(known));
        }
    }
}
