package dev.kiln.executor.solver;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import dev.kiln.layercache.index.CacheEntry.CachedLayer;

/**
 * What a vertex gave: a stack of layers, base first.
 *
 * <p>A layer can be used as files before it is packed: its snapshot is there at once, its digests come later. Who needs
 * the digests (the cache index, the exporter) waits for them; the next step does not.
 */
public record Result(List<Layer> layers) {

    public Result {
        layers = List.copyOf(layers);
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
     * @param packed digests and blob, when packing has ended; fails when packing failed
     */
    public record Layer(Optional<String> snapshot, CompletableFuture<CachedLayer> packed) {

        public static Layer of(CachedLayer known) {
            return new Layer(known.snapshot(), CompletableFuture.completedFuture(known));
        }
    }
}
