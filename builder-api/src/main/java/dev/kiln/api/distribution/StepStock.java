package dev.kiln.api.distribution;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import dev.kiln.layercache.lease.Item;
import dev.kiln.layercache.lease.Kind;
import dev.kiln.layercache.lease.Stock;
import dev.kiln.layercache.lease.Stocked;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.FarmRepositories;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.posix.DiskUsage;
import dev.kiln.layercache.posix.RawPath;

/**
 * Results of steps that executors hand each other, each manifest an item of its own: it goes by its last use, which any request
 * for it is, and takes its tags along. Safe for many threads.
 */
public final class StepStock implements Stock {
    private static final RepositoryName STEPS = new RepositoryName(FarmRepositories.STEPS);

    private final TagStore tags;
    private final StoredManifests manifests;

    public StepStock(TagStore tags, StoredManifests manifests) {
        this.tags = tags;
        this.manifests = manifests;
    }

    static boolean isSteps(RepositoryName name) {
        return name.equals(STEPS);
    }

    @Override
    public List<Stocked> list() throws IOException {
        List<Stocked> all = new ArrayList<>();
        for (Digest manifest : tags.manifests(STEPS)) {
            Optional<Instant> used = tags.uses().last(STEPS, manifest);
            if (used.isPresent()) {
                Path file = tags.file(STEPS, manifest);
                all.add(new Stocked(new Item(Kind.RESULT, STEPS + "@" + manifest), file,
                        DiskUsage.of(RawPath.of(file)), new Stocked.Times(used.get(), used.get()), false,
                        "the result of a step, for other executors"));
            }
        }
        return all;
    }

    /** The half of them that was used longest ago. */
    public Set<String> olderHalf() throws IOException {
        List<Stocked> all = list();
        return all.stream()
            .sorted(Comparator.comparing((Stocked one) -> one.times().lastUsed()))
            .limit((all.size() + 1) / 2)
            .map(one -> one.item().id())
            .collect(Collectors.toSet());
    }

    /** Nothing to do: every use is on the disk at once. */
    @Override
    public void used(String id, Instant when) {
        // See above.
    }

    @Override
    public Optional<Disposal> take(String id) throws IOException {
        Digest manifest = Digest.parse(id.substring(id.indexOf('@') + 1));
        TagStore.ListedManifest listed = new TagStore.ListedManifest(manifest, "",
                manifests.parts(STEPS, manifest).flatMap(ManifestParts::subject));
        return tags.deleteManifest(STEPS, listed, names(manifest)) ? Optional.of(Disposal.DONE) : Optional.empty();
    }

    /** The tags that may name it: it says so itself, which spares a look at all tags. */
    private List<String> names(Digest manifest) throws IOException {
        Optional<String> keys = manifests.document(STEPS, manifest)
            .flatMap(document -> document instanceof Manifest known
                    ? Optional.ofNullable(known.annotations().get(FarmRepositories.STEP_KEYS))
                    : Optional.empty());
        return keys.isPresent()
                ? Arrays.stream(keys.get().split(" ", -1)).filter(STEPS::admitsTag).toList()
                : tags.tags(STEPS);
    }
}
