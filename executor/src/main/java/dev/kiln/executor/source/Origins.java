package dev.kiln.executor.source;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;

/**
 * Which repositories are known to have which blobs. A build learns anew what it needs when it resolves its base images, so
 * it does no harm that the longest unused are forgotten. Safe for many threads.
 */
final class Origins {
    private static final int MAX_BLOBS = 100_000;
    private static final int MAX_REPOSITORIES = 16;
    private static final int MAX_INDEXES = 10_000;

    /** Guarded by this. */
    private final LinkedHashMap<Digest, Known> known = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Digest, Known> eldest) {
            return size() > MAX_BLOBS;
        }
    };

    /** Guarded by this: of an image's manifest, the index that it was last chosen from. */
    private final LinkedHashMap<Digest, Digest> indexes = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Digest, Digest> eldest) {
            return size() > MAX_INDEXES;
        }
    };

    private record Known(Descriptor blob, Set<ImageReference> repositories) {}

    /** @param repository tag and digest do not matter */
    synchronized void learn(List<Descriptor> blobs, ImageReference repository) {
        ImageReference bare = new ImageReference(repository.registry(), repository.repository(), Optional.empty(),
                Optional.empty());
        for (Descriptor blob : blobs) {
            Set<ImageReference> repositories = known.computeIfAbsent(blob.digest(),
                    digest -> new Known(blob, new LinkedHashSet<>()))
                .repositories();
            repositories.remove(bare);
            repositories.add(bare);
            if (repositories.size() > MAX_REPOSITORIES) {
                repositories.remove(repositories.iterator().next());
            }
        }
    }

    synchronized void learnIndex(Digest manifest, Digest index) {
        indexes.put(manifest, index);
    }

    synchronized Optional<Digest> indexOf(Digest manifest) {
        return Optional.ofNullable(indexes.get(manifest));
    }

    /** The repository learned last comes first. */
    synchronized List<ImageReference> of(Digest blob) {
        Known found = known.get(blob);
        return found == null ? List.of() : List.copyOf(found.repositories()).reversed();
    }

    synchronized Optional<Descriptor> blob(Digest digest) {
        return Optional.ofNullable(known.get(digest)).map(Known::blob);
    }
}
