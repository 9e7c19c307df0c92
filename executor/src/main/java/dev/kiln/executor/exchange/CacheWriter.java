package dev.kiln.executor.exchange;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.executor.buildkit.CacheDocument;
import dev.kiln.executor.buildkit.CacheDocument.Entry;
import dev.kiln.executor.buildkit.CacheDocument.Found;
import dev.kiln.executor.buildkit.CacheDocument.Layer;
import dev.kiln.executor.buildkit.CacheDocument.Link;
import dev.kiln.executor.buildkit.CacheGraph;
import dev.kiln.executor.buildkit.CacheKeys;
import dev.kiln.executor.buildkit.CacheNode;
import dev.kiln.executor.exporter.LayerTypes;
import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;

/** Writes the results of a build as a cache document. For one document and one thread. */
final class CacheWriter {
    private static final int NONE = -1;

    private final CacheGraph graph;
    private final KnownContents contents;
    private final List<Layer> layers = new ArrayList<>();
    private final Map<Layer, Integer> layerAt = new HashMap<>();
    private final Map<Digest, Descriptor> blobs = new LinkedHashMap<>();
    private final List<Entry> entries = new ArrayList<>();
    private final Map<Digest, Integer> contentAt = new HashMap<>();
    /** By position of the node. */
    private final Map<Integer, List<Integer>> entriesAt = new HashMap<>();

    CacheWriter(CacheGraph graph, KnownContents contents) {
        this.graph = graph;
        this.contents = contents;
    }

    /**
     * A document and the blobs that it names.
     *
     * @param blobs in OCI's types, with what a reader has to know of each in annotations
     */
    record Written(CacheDocument document, List<Descriptor> blobs) {

        Written {
            blobs = List.copyOf(blobs);
        }
    }

    /** @param results those that shall stand in it; keys stand in it for all vertices that have one */
    Written write(BuildGraph build, Map<Vertex, List<CachedLayer>> results) {
        Map<Integer, List<CachedLayer>> byNode = new HashMap<>();
        results.forEach((vertex, layers) -> graph.of(vertex)
            .ifPresent(node -> byNode.put(node.position(), layers)));
        for (CacheNode node : graph.nodes()) {
            add(node, Optional.ofNullable(byNode.get(node.position())));
        }
        for (Vertex vertex : build.vertices()) {
            boolean told = graph.of(vertex).filter(node -> entriesAt.containsKey(node.position())).isPresent();
            List<CachedLayer> result = results.get(vertex);
            if (!told && result != null) {
                entries.add(new Entry(OwnKeys.of(vertex), List.of(), List.of(found(result))));
            }
        }
        return new Written(new CacheDocument(layers, entries), List.copyOf(blobs.values()));
    }

    private void add(CacheNode node, Optional<List<CachedLayer>> result) {
        switch (node) {
            case CacheNode.Unnamed _ -> {
                // only what is taken from its files has a key
            }
            case CacheNode.Source(int position, List<Digest> keys) -> {
                List<Integer> all = new ArrayList<>();
                for (Digest key : keys) {
                    all.add(entries.size());
                    entries.add(new Entry(CacheKeys.record(key), List.of(), List.of()));
                }
                entriesAt.put(position, all);
            }
            case CacheNode.Step step -> {
                List<List<Link>> inputs = new ArrayList<>();
                for (int i = 0; i < step.inputs().size(); i++) {
                    inputs.add(links(step, i));
                }
                if (inputs.stream().noneMatch(List::isEmpty)) {
                    List<Found> found = result.map(this::found).stream().toList();
                    entriesAt.put(step.position(), List.of(entries.size()));
                    entries.add(new Entry(CacheKeys.record(step.digest()), inputs, found));
                }
            }
        }
    }

    private List<Link> links(CacheNode.Step step, int index) {
        List<Link> links = new ArrayList<>();
        CacheNode.Input input = step.inputs().get(index);
        String selector = input.selector().map(Digest::toString).orElse("");
        entriesAt.getOrDefault(input.node().position(), List.of())
            .forEach(definition -> links.add(new Link(definition, selector)));
        contents.of(step, index).forEach(content -> links.add(new Link(contentEntry(content), "")));
        return links;
    }

    private int contentEntry(Digest content) {
        return contentAt.computeIfAbsent(content, unused -> {
            entries.add(new Entry(CacheKeys.contentRecord(content), List.of(), List.of()));
            return entries.size() - 1;
        });
    }

    private Found found(List<CachedLayer> result) {
        List<Integer> chain = new ArrayList<>();
        int below = NONE;
        for (CachedLayer cached : result) {
            Layer layer = new Layer(cached.blob().digest(), below);
            below = layerAt.computeIfAbsent(layer, unused -> {
                layers.add(layer);
                return layers.size() - 1;
            });
            chain.add(below);
            blobs.computeIfAbsent(cached.blob().digest(), unused -> described(cached));
        }
        return new Found(chain, result.getLast().created());
    }

    private static Descriptor described(CachedLayer layer) {
        Descriptor blob = LayerTypes.toOci(layer.blob());
        Map<String, String> notes = new HashMap<>(blob.annotations());
        notes.put(CacheDocument.DIFF_ID, layer.diffId().toString());
        layer.created().ifPresent(time -> notes.put(CacheDocument.CREATED, time.toString()));
        return new Descriptor(blob.mediaType(), blob.digest(), blob.size(), notes, Optional.empty(),
                Optional.empty());
    }
}
