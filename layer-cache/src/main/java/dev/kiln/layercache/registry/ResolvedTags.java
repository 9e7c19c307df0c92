package dev.kiln.layercache.registry;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import dev.kiln.layercache.oci.Descriptor;

/** What tags named, for as long as the settings of their registries allow to believe it. Safe for many threads. */
final class ResolvedTags {
    private static final int MOST = 10_000;

    private final RegistrySettings settings;
    private final InstantSource clock;
    /** Guarded by this. */
    private final LinkedHashMap<Key, Known> known = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Known> eldest) {
            return size() > MOST;
        }
    };

    private record Key(String registry, String repository, String tag) {}

    private record Known(Descriptor image, Instant until) {}

    ResolvedTags(RegistrySettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
    }

    synchronized Optional<Descriptor> find(String registry, String repository, String tag) {
        return Optional.ofNullable(known.get(new Key(registry, repository, tag)))
            .filter(k -> clock.instant().isBefore(k.until))
            .map(Known::image);
    }

    synchronized void keep(String registry, String repository, String tag, Descriptor image) {
        Duration life = settings.host(registry).resolveTtl();
        if (life.isPositive()) {
            known.put(new Key(registry, repository, tag), new Known(image, clock.instant().plus(life)));
        }
    }

    synchronized void forget(String registry, String repository, String tag) {
        known.remove(new Key(registry, repository, tag));
    }
}
