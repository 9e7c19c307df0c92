package dev.kiln.executor.exchange;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

import dev.kiln.executor.buildkit.CacheDocument.Found;
import dev.kiln.executor.buildkit.CacheGraph;
import dev.kiln.executor.buildkit.CacheLookUp;
import dev.kiln.executor.buildkit.CacheNode;
import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.executor.solver.Result;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.oci.Digest;

/** Finds the steps of one build in the caches that it imports. Safe for many threads. */
final class ImportedResults {
    private final CacheGraph graph;
    private final LayerCounts counts;
    private final KnownContents contents;
    private final List<Imported> caches;
    private final AtomicInteger found = new AtomicInteger();

    private record Imported(FoundCache cache, CacheLookUp lookUp) {}

    ImportedResults(BuildGraph build, CacheGraph graph, KnownContents contents, List<FoundCache> caches) {
        this.graph = graph;
        this.counts = LayerCounts.of(build);
        this.contents = contents;
        this.caches = caches.stream()
            .map(cache -> new Imported(cache, new CacheLookUp(cache.document(), graph)))
            .toList();
    }

    boolean isEmpty() {
        return caches.isEmpty();
    }

    /** How many results were given away. */
    int found() {
        return found.get();
    }

    /** @param inputs absent when no files shall be looked into but those of uploaded contexts */
    Optional<List<CachedLayer>> find(Vertex vertex, Optional<List<Result>> inputs) throws InterruptedException {
        if (caches.isEmpty()) {
            return Optional.empty();
        }
        contents.readUploads(this::learn);
        if (inputs.isPresent() && graph.of(vertex).orElse(null) instanceof CacheNode.Step step) {
            Map<Vertex, Result> results = new HashMap<>();
            for (int i = 0; i < inputs.get().size(); i++) {
                results.put(vertex.inputs().get(i), inputs.get().get(i));
            }
            contents.read(step, results, this::learn);
        }
        Optional<List<CachedLayer>> layers = caches.stream().flatMap(one -> find(one, vertex).stream()).findFirst();
        layers.ifPresent(unused -> found.incrementAndGet());
        return layers;
    }

    private void learn(CacheNode node, int input, Digest content) {
        caches.forEach(one -> one.lookUp().learn(node, input, content));
    }

    private Optional<List<CachedLayer>> find(Imported one, Vertex vertex) {
        List<Found> results = new ArrayList<>(one.lookUp().results(OwnKeys.of(vertex)));
        graph.of(vertex).ifPresent(node -> results.addAll(one.lookUp().results(node)));
        return results.stream()
            .flatMap(result -> one.cache().layers(result).stream())
            .filter(layers -> counts.fit(vertex, layers))
            .findFirst();
    }
}
