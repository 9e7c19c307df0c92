package dev.kiln.executor.buildkit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.Platform;

/**
 * BuildKit's graph of a build of Kiln, as far as keys go.
 *
 * @param nodes inputs before those that take them; some belong to no vertex of Kiln
 * @param byVertex what each vertex is there; absent for what has no files
 */
public record CacheGraph(List<CacheNode> nodes, Map<Vertex, CacheNode> byVertex) {

    public CacheGraph {
        nodes = List.copyOf(nodes);
        byVertex = Map.copyOf(byVertex);
    }

    /**
     * @param platform on which steps run
     * @param indexOf the index that an image's manifest was chosen from, where there was one
     */
    public static CacheGraph of(BuildGraph graph, Platform platform, Function<Digest, Optional<Digest>> indexOf) {
        List<CacheNode> nodes = new ArrayList<>();
        Map<Vertex, CacheNode> byVertex = new HashMap<>();
        NodeTranslator translator = new NodeTranslator(platform, indexOf, nodes, byVertex);
        for (Vertex vertex : graph.vertices()) {
            translator.translate(vertex).ifPresent(node -> byVertex.put(vertex, node));
        }
        return new CacheGraph(nodes, byVertex);
    }

    public Optional<CacheNode> of(Vertex vertex) {
        return Optional.ofNullable(byVertex.get(vertex));
    }
}
