package dev.kiln.api.distribution;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.layercache.oci.Digest;

/**
 * The manifests of one repository that no tag leads to. From a tag one comes to its manifest, from an index to its manifests,
 * and from each to what is attached to it. What is reached from no tag has the age of the youngest it is reached from: an
 * index that was just pushed by digest keeps its old manifests, and a subject its signatures.
 */
final class UntaggedManifests {
    private final TagStore tags;
    private final StoredManifests manifests;
    private final RepositoryName name;
    /** What follows from a manifest: its parts that are manifests here, and what is attached to it. */
    private final Map<Digest, List<Digest>> next = new HashMap<>();

    private UntaggedManifests(TagStore tags, StoredManifests manifests, RepositoryName name) {
        this.tags = tags;
        this.manifests = manifests;
        this.name = name;
    }

    /** When each of them, or what leads to it, was used last. */
    static Map<Digest, Instant> of(TagStore tags, StoredManifests manifests, RepositoryName name) throws IOException {
        return new UntaggedManifests(tags, manifests, name).find();
    }

    private Map<Digest, Instant> find() throws IOException {
        link();
        Map<Digest, Instant> reached = new HashMap<>();
        for (String tag : tags.tags(name)) {
            Optional<Digest> manifest = name.admitsTag(tag) ? tags.tagged(name, tag) : Optional.empty();
            manifest.ifPresent(start -> follow(start, Instant.MAX, reached));
        }
        Map<Digest, Instant> uses = new HashMap<>();
        for (Digest manifest : next.keySet()) {
            tags.uses().last(name, manifest).ifPresent(last -> uses.put(manifest, last));
        }
        // The latest first, so the first to reach a manifest is the one that counts.
        uses.entrySet()
            .stream()
            .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
            .forEach(use -> follow(use.getKey(), use.getValue(), reached));
        reached.values().removeIf(Instant.MAX::equals);
        return reached;
    }

    private void link() throws IOException {
        Collection<Digest> listed = tags.manifests(name);
        listed.forEach(manifest -> next.put(manifest, new ArrayList<>()));
        for (Digest manifest : listed) {
            Optional<ManifestParts> parts = manifests.parts(name, manifest);
            if (parts.isPresent()) {
                parts.get().parts().keySet().stream().filter(next::containsKey).forEach(listAfter(manifest)::add);
                parts.get().subject().filter(next::containsKey).ifPresent(to -> listAfter(to).add(manifest));
            }
        }
    }

    private List<Digest> listAfter(Digest manifest) {
        return next.computeIfAbsent(manifest, _ -> new ArrayList<>());
    }

    private void follow(Digest start, Instant used, Map<Digest, Instant> reached) {
        Deque<Digest> open = new ArrayDeque<>(List.of(start));
        while (!open.isEmpty()) {
            Digest manifest = open.pop();
            List<Digest> more = next.get(manifest);
            if (more != null && reached.putIfAbsent(manifest, used) == null) {
                open.addAll(more);
            }
        }
    }
}
