package dev.kiln.executor.exchange;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.oci.Digest;

/** How many layers the result of each vertex has, and on which image it stands: what a result that comes from elsewhere must be like. */
record LayerCounts(Map<Vertex, Shape> shapes) {

    private record Shape(int layers, List<Digest> bottom) {}

    static LayerCounts of(BuildGraph graph) {
        Map<Vertex, Shape> shapes = new HashMap<>();
        for (Vertex vertex : graph.vertices()) {
            shapes.put(vertex, switch (vertex.op()) {
                case OpSpec.Image(var _, var layers) -> new Shape(layers.size(), layers);
                case OpSpec.Scratch _,OpSpec.Context _ -> new Shape(0, List.of());
                case OpSpec.Git _,OpSpec.Http _ -> new Shape(1, List.of());
                case OpSpec.Run _,OpSpec.Copy _,OpSpec.MakeDirectory _ -> onTopOf(vertex, shapes, 1);
                case OpSpec.Merge() -> onTopOf(vertex, shapes, of(vertex.inputs().get(1), shapes).layers());
            });
        }
        return new LayerCounts(Map.copyOf(shapes));
    }

    private static Shape onTopOf(Vertex vertex, Map<Vertex, Shape> shapes, int more) {
        Shape below = of(vertex.inputs().getFirst(), shapes);
        return new Shape(below.layers() + more, below.bottom());
    }

    private static Shape of(Vertex vertex, Map<Vertex, Shape> shapes) {
        Shape shape = shapes.get(vertex);
        if (shape == null) {
            throw new IllegalArgumentException("\"" + vertex + "\" is of another build");
        }
        return shape;
    }

    boolean fit(Vertex vertex, List<CachedLayer> layers) {
        Shape shape = of(vertex, shapes);
        return layers.size() == shape.layers() && layers.stream()
            .limit(shape.bottom().size())
            .map(CachedLayer::diffId)
            .toList()
            .equals(shape.bottom());
    }
}
