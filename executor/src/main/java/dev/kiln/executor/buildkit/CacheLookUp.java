package dev.kiln.executor.buildkit;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.kiln.executor.buildkit.CacheDocument.Entry;
import dev.kiln.executor.buildkit.CacheDocument.Link;
import dev.kiln.executor.buildkit.CacheNode.Input;
import dev.kiln.layercache.oci.Digest;

/**
 * Finds the nodes of one build in one cache document. What is known grows: the files of an input may be learned at any
 * time, and whatever depends on them is found from then on. Safe for many threads.
 *
 * <p>It goes through the build's own graph and never along the links of the document, so that circles there do no harm;
 * and each node is worked out again only when something before it was learned since.
 */
public final class CacheLookUp {
    /** Entries under one key that are looked at; an honest document has a few. */
    private static final int MAX_SAME = 1_000;

    private final CacheDocument cache;
    private final List<CacheNode> nodes;
    private final Map<Digest, List<Integer>> byKey = new HashMap<>();
    /** By position: the entries that are the node's. Guarded by this, as all below. */
    private final List<Set<Integer>> matched = new ArrayList<>();
    /** By position and index of input. */
    private final Map<Place, Set<Digest>> contents = new HashMap<>();
    private int known;

    private record Place(int position, int input) {}

    public CacheLookUp(CacheDocument cache, CacheGraph graph) {
        this.cache = cache;
        nodes = graph.nodes();
        for (int i = 0; i < cache.entries().size(); i++) {
            List<Integer> same = byKey.computeIfAbsent(cache.entries().get(i).key(), key -> new ArrayList<>());
            if (same.size() < MAX_SAME) {
                same.add(i);
            }
        }
        nodes.forEach(node -> matched.add(Set.of()));
    }

    /** What a node takes from the files of an input; there may be several digests for it. */
    public synchronized void learn(CacheNode node, int input, Digest content) {
        if (contents.computeIfAbsent(new Place(node.position(), input), place -> new HashSet<>())
            .add(CacheKeys.contentRecord(content))) {
            known = Math.min(known, node.position());
        }
    }

    /** True when the node is in the cache, with or without a result. */
    public synchronized boolean has(CacheNode node) {
        return !matches(node).isEmpty();
    }

    /** The node's results, the newest first. */
    public synchronized List<CacheDocument.Found> results(CacheNode node) {
        return results(matches(node));
    }

    /** The results under a key that has no inputs. */
    public List<CacheDocument.Found> results(Digest key) {
        return results(byKey.getOrDefault(key, List.of())
            .stream()
            .filter(entry -> cache.entries().get(entry).inputs().isEmpty())
            .toList());
    }

    private List<CacheDocument.Found> results(Iterable<Integer> entries) {
        List<CacheDocument.Found> found = new ArrayList<>();
        entries.forEach(entry -> found.addAll(cache.entries().get(entry).results()));
        found.sort((a, b) -> b.created()
            .orElse(Instant.MIN)
            .compareTo(a.created().orElse(Instant.MIN)));
        return found;
    }

    public CacheDocument cache() {
        return cache;
    }

    private Set<Integer> matches(CacheNode node) {
        for (; known <= node.position(); known++) {
            matched.set(known, match(nodes.get(known)));
        }
        return matched.get(node.position());
    }

    private Set<Integer> match(CacheNode node) {
        return switch (node) {
            case CacheNode.Unnamed _ -> Set.of();
            case CacheNode.Source(int _, List<Digest> keys) -> {
                Set<Integer> found = new HashSet<>();
                keys.forEach(key -> found.addAll(withInputs(CacheKeys.record(key), 0)));
                yield found;
            }
            case CacheNode.Step step -> {
                Set<Integer> found = new HashSet<>();
                for (int entry : withInputs(CacheKeys.record(step.digest()), step.inputs().size())) {
                    if (takes(cache.entries().get(entry), step)) {
                        found.add(entry);
                    }
                }
                yield found;
            }
        };
    }

    private List<Integer> withInputs(Digest key, int inputs) {
        return byKey.getOrDefault(key, List.of())
            .stream()
            .filter(entry -> cache.entries().get(entry).inputs().size() == inputs)
            .toList();
    }

    private boolean takes(Entry entry, CacheNode.Step step) {
        for (int i = 0; i < step.inputs().size(); i++) {
            Input input = step.inputs().get(i);
            Set<Integer> from = matched.get(input.node().position());
            String selector = input.selector().map(Digest::toString).orElse("");
            Set<Digest> content = contents.getOrDefault(new Place(step.position(), i), Set.of());
            boolean any = false;
            for (Link link : entry.inputs().get(i)) {
                any |= from.contains(link.entry()) && link.selector().equals(selector)
                        || link.selector().isEmpty() && content.contains(cache.entries().get(link.entry()).key());
            }
            if (!any) {
                return false;
            }
        }
        return true;
    }
}
