package dev.kiln.api.distribution;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.layercache.lease.Item;
import dev.kiln.layercache.lease.Kind;
import dev.kiln.layercache.lease.Stock;
import dev.kiln.layercache.lease.Stocked;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.DiskUsage;
import dev.kiln.layercache.posix.RawPath;

/**
 * Manifests without a tag in repositories that somebody chose a name for. They stay for a while after their last use, because
 * people push and pull by digest; then they go, and their blobs when nothing else holds them. Safe for many threads.
 */
public final class UntaggedStock implements Stock {
    private final TagStore tags;
    private final StoredManifests manifests;
    private final Duration grace;
    /** Guarded by this: what the last listing was based on. */
    private final Map<RepositoryName, Seen> seen = new HashMap<>();

    private record Seen(long uses, Map<Digest, Instant> untagged) {}

    /** @param grace how long a manifest stays in any case: its index or its tag may be on the way */
    public UntaggedStock(TagStore tags, StoredManifests manifests, Duration grace) {
        this.tags = tags;
        this.manifests = manifests;
        this.grace = grace;
    }

    @Override
    public synchronized List<Stocked> list() throws IOException {
        List<Stocked> all = new ArrayList<>();
        seen.clear();
        Instant settled = tags.uses().now().minus(grace);
        for (RepositoryName name : tags.repositories()) {
            if (RegistryStock.isUnnamed(name) || StepStock.isSteps(name)) {
                continue;
            }
            for (Map.Entry<Digest, Instant> entry : look(name).untagged.entrySet()) {
                Path file = tags.file(name, entry.getKey());
                Instant used = entry.getValue();
                all.add(new Stocked(new Item(Kind.MANIFEST, name + "@" + entry.getKey()), file,
                        DiskUsage.of(RawPath.of(file)), new Stocked.Times(used, used), used.isAfter(settled),
                        "a manifest without a tag"));
            }
        }
        return all;
    }

    private Seen look(RepositoryName name) throws IOException {
        long uses = tags.uses().count();
        Seen now = new Seen(uses, UntaggedManifests.of(tags, manifests, name));
        seen.put(name, now);
        return now;
    }

    /** The collector's memory of uses is not asked for these: every use is on the disk at once. */
    @Override
    public void used(String id, Instant when) throws IOException {
        // Nothing to write down, see above.
    }

    /** Looks again when anything was used since the listing: it may lead to this manifest now. */
    @Override
    public synchronized Optional<Disposal> take(String id) throws IOException {
        int at = id.indexOf('@');
        RepositoryName name = new RepositoryName(id.substring(0, at));
        Digest manifest = Digest.parse(id.substring(at + 1));
        boolean[] gone = {false};
        tags.alone(name, () -> {
            Seen before = seen.get(name);
            Seen now = before != null && before.uses == tags.uses().count() ? before : look(name);
            Instant used = now.untagged.get(manifest);
            if (before != null && used != null && used.equals(before.untagged.get(manifest))) {
                Optional<Digest> subject = manifests.parts(name, manifest).flatMap(ManifestParts::subject);
                gone[0] = tags.deleteManifest(name, new TagStore.ListedManifest(manifest, "", subject));
            }
        });
        return gone[0] ? Optional.of(Disposal.DONE) : Optional.empty();
    }
}
