package dev.kiln.executor.cachemount;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import dev.kiln.layercache.lease.Item;
import dev.kiln.layercache.lease.Kind;
import dev.kiln.layercache.lease.Sizes;
import dev.kiln.layercache.lease.Stock;
import dev.kiln.layercache.lease.Stocked;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/** Caches as what can be collected. One that a step has is measured anew when it was given back. */
final class CacheStock implements Stock {
    private final CacheMounts caches;
    private final CacheFiles files;
    private final Sizes sizes = new Sizes();

    CacheStock(CacheMounts caches, CacheFiles files) {
        this.caches = caches;
        this.files = files;
    }

    @Override
    public List<Stocked> list() throws IOException {
        List<KeptCache> kept = caches.unmeasured();
        List<Stocked> all = new ArrayList<>();
        for (KeptCache cache : kept) {
            Path place = files.files(cache.name()).resolveSibling("");
            Optional<FileStat> stat = Posix.lstatIfExists(RawPath.of(place));
            if (stat.isPresent()) {
                all.add(new Stocked(new Item(Kind.CACHE_MOUNT, cache.name()), place,
                        sizes.of(cache.name(), List.of(cache.lastUsed(), stat.get().times().changed()), place),
                        new Stocked.Times(stat.get().times().born().orElse(cache.lastUsed()), cache.lastUsed()),
                        cache.lent(), "cache " + cache.id()));
            }
        }
        sizes.retain(names(kept));
        return all;
    }

    private static Set<String> names(List<KeptCache> kept) {
        return kept.stream().map(KeptCache::name).collect(Collectors.toSet());
    }

    @Override
    public void used(String id, Instant when) {
        // A cache writes down its own uses, whenever a step gives it back.
    }

    @Override
    public Optional<Disposal> take(String id) throws IOException {
        return caches.remove(id) ? Optional.of(Disposal.DONE) : Optional.empty();
    }
}
