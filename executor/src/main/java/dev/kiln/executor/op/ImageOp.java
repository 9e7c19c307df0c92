package dev.kiln.executor.op;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.solver.Result;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.oci.Digest;

/** The layers of a base image, by name only: their blobs are pulled when a step needs the files. */
final class ImageOp extends SourceOp {
    private final OpSpec.Image spec;
    private final BaseLayers bases;

    ImageOp(OpSpec.Image spec, BaseLayers bases) {
        this.spec = spec;
        this.bases = bases;
    }

    /** The layers alone: the same files under another name or with another configuration are the same. */
    @Override
    public Map<String, String> preimage() {
        return Map.of("op", "image", "layers",
                spec.layers().stream().map(Digest::toString).collect(Collectors.joining(" ")));
    }

    @Override
    Result name() throws IOException, InterruptedException {
        List<CachedLayer> layers = bases.layersOf(spec.reference());
        if (!layers.stream().map(CachedLayer::diffId).toList().equals(spec.layers())) {
            throw new IOException("the base image " + spec.reference()
                    + " does not have the layers that its configuration names; pull or build it anew");
        }
        return new Result(layers.stream().map(Result.Layer::of).toList());
    }
}
