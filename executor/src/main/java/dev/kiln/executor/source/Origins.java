package dev.kiln.executor.source;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.FarmRepositories;
import dev.kiln.layercache.oci.ImageReference;

/**
 * Which repositories are known to have which blobs. A build learns anew what it needs when it resolves its base images, so
 * it does no harm that the longest unused are forgotten. Safe for many threads.
 */
final class Origins {
    private static final int MAX_BLOBS = 100_000;
    private static final int MAX_REPOSITORIES = 16;
    private static final int MAX_INDEXES = 10_000;
    private static final int MAX_LOST = 10_000;
    private static final Duration LOST = Duration.ofMinutes(10);
    private static final Duration UNREACHABLE = Duration.ofMinutes(1);
    /** Where layers of steps are as a favour: who cannot have one makes it again. */
    static final ImageReference PROMISED = ImageReference.parse(FarmRepositories.STEPS);

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

    /** Guarded by this: blobs that were promised and could not be had, and until when that counts. */
    private final LinkedHashMap<Digest, Instant> lost = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Digest, Instant> eldest) {
            return size() > MAX_LOST;
        }
    };
    /** Guarded by this: until when no promise counts. */
    private Instant unreachableUntil = Instant.MIN;
    private final InstantSource clock;

    private record Known(Descriptor blob, Set<ImageReference> repositories) {}

    Origins(InstantSource clock) {
        this.clock = clock;
    }

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
        if (found == null) {
            return List.of();
        }
        List<ImageReference> all = List.copyOf(found.repositories()).reversed();
        return isPromiseGood(blob) ? all : all.stream().filter(place -> !place.equals(PROMISED)).toList();
    }

    private boolean isPromiseGood(Digest blob) {
        Instant now = clock.instant();
        Instant until = lost.get(blob);
        return !now.isBefore(unreachableUntil) && (until == null || !now.isBefore(until));
    }

    /** Whether the farm promised the blob, be that good still or not. */
    synchronized boolean wasPromised(Digest blob) {
        Known found = known.get(blob);
        return found != null && found.repositories().contains(PROMISED);
    }

    /** The farm turned out not to have a blob that it promised. */
    synchronized void lose(Digest blob) {
        lost.put(blob, clock.instant().plus(LOST));
    }

    /** The farm turned out not to give anything now. */
    synchronized void loseAll() {
        unreachableUntil = clock.instant().plus(UNREACHABLE);
    }

    synchronized Optional<Descriptor> blob(Digest digest) {
        return Optional.ofNullable(known.get(digest)).map(Known::blob);
    }
}
