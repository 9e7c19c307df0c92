package dev.kiln.api;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.micrometer.core.instrument.MeterRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.api.builds.BuildBlobs;
import dev.kiln.api.builds.BuildLedger;
import dev.kiln.api.distribution.RegistryStock;
import dev.kiln.api.distribution.StepStock;
import dev.kiln.api.distribution.StoredManifests;
import dev.kiln.api.distribution.UntaggedStock;
import dev.kiln.api.upkeep.UpkeepRoutes;
import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.context.ContextLayout;
import dev.kiln.layercache.layer.LayerException;
import dev.kiln.layercache.lease.BlobStock;
import dev.kiln.layercache.lease.Collector;
import dev.kiln.layercache.lease.IndexSweep;
import dev.kiln.layercache.lease.Item;
import dev.kiln.layercache.lease.Keeper;
import dev.kiln.layercache.lease.Kind;
import dev.kiln.layercache.lease.Policy;
import dev.kiln.layercache.lease.Remainder;
import dev.kiln.layercache.lease.Stock;
import dev.kiln.layercache.lease.Stocked;
import dev.kiln.layercache.lease.Usage;
import dev.kiln.layercache.lease.Volume;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;
import dev.kiln.metrics.DiskMeters;
import dev.kiln.queue.Backlogs;
import dev.kiln.queue.upkeep.UsageRecord;
import dev.kiln.queue.upkeep.Wish;

/**
 * What the API keeps on its disk, and what it needs of the content store: the images of the registry, contexts of builds that
 * have not ended, logs. Collects what has no name of its own when it is old.
 */
final class FarmDisk implements UpkeepRoutes.OwnDisk, BlobStock.Holders, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FarmDisk.class);
    /** Content that nothing names: an upload that nobody finished, or what an image that was deleted consisted of. */
    private static final Duration ORPHAN_KEEP = Duration.ofHours(24);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final RegistryStock registry;
    private final StepStock steps;
    private final Builds builds;
    private final ApiServer.Storage storage;
    private final Duration resultKeep;
    private final InstantSource clock;
    private final Keeper keeper;

    /** What is known of builds, and whose blobs are therefore needed. */
    record Builds(BuildLedger ledger, Backlogs backlogs) {

        private Stream<Digest> ofJobs() {
            return Stream.of(backlogs.open(), backlogs.dead())
                .flatMap(backlog -> backlog.entries().stream())
                .flatMap(entry -> BuildBlobs.of(entry.job()));
        }
    }

    /** @param manifests of the registry in {@code storage} */
    FarmDisk(ApiServer.Storage storage, StoredManifests manifests, Builds builds, ApiConfig config,
            InstantSource clock, MeterRegistry meters) throws IOException {
        this.storage = storage;
        this.builds = builds;
        this.resultKeep = config.resultKeep();
        this.clock = clock;
        this.registry = new RegistryStock(storage.tags(), manifests);
        this.steps = new StepStock(storage.tags(), manifests);
        List<Stock> stocks = new ArrayList<>(
                List.of(registry, steps, new UntaggedStock(storage.tags(), manifests, ApiServer.UPLOAD_GRACE)));
        List<Policy> policies = new ArrayList<>(List.of(
                new Policy(Policy.Filter.of(Kind.RESULT), resultKeep, Policy.Limits.NONE, true),
                new Policy(Policy.Filter.of(Kind.MANIFEST), config.registry().untaggedKeep(), Policy.Limits.NONE,
                        true)));
        if (storage.isAlone()) {
            stocks.add(new BlobStock(storage.content(), this));
            policies.add(new Policy(Policy.Filter.of(Kind.BLOB), ORPHAN_KEEP, Policy.Limits.NONE, false));
        }
        List<Path> folders = new ArrayList<>(List.of(storage.tags().folder()));
        if (storage.isAlone()) {
            folders.add(storage.content().folder());
        }
        stocks.add(new Remainder(folders, List.copyOf(stocks)));
        Volume volume = Volume.of(storage.tags().folder());
        Collector collector = new Collector(stocks, storage.leases(), volume, IndexSweep.NONE, clock,
                new DiskMeters(meters, "api", volume));
        this.keeper = new Keeper(collector, policies, MINUTE);
    }

    void start() {
        keeper.start();
    }

    /** Forgets who pushed what is gone by now, or named. */
    void tidy() {
        try {
            storage.tags().forgetPushes(ORPHAN_KEEP);
        } catch (IOException e) {
            LOG.warn("action=tidy outcome=failed", e);
        }
    }

    /**
     * Collects what may go, for a push that would find no room: also the older half of what executors left for each other,
     * which can be made again.
     */
    void makeRoom() throws IOException {
        Usage gone = keeper.collect();
        Set<String> older = steps.olderHalf();
        if (!older.isEmpty()) {
            Usage shared = keeper.collector()
                .collect(List.of(new Policy(new Policy.Filter(Set.of(Kind.RESULT), older), Duration.ZERO,
                        Policy.Limits.NONE, true)));
            LOG.info("action=make-room steps={}", shared.items().size());
        }
        LOG.info("action=make-room items={} bytes={}", gone.items().size(), gone.bytes());
    }

    /**
     * Gives blobs that were used just before this process began what is left of their time: a client may have been told that
     * they are here, and be about to push their manifest.
     */
    void graceRecent(Duration grace) throws IOException {
        Instant now = clock.instant();
        storage.content().forEachFile((digest, file) -> {
            Optional<Instant> used = Posix.lstatIfExists(RawPath.of(file)).map(FileStat::modified);
            Duration left = used.map(last -> Duration.between(now, last.plus(grace))).orElse(Duration.ZERO);
            if (left.isPositive()) {
                storage.leases().use(Item.blob(digest), left.compareTo(grace) < 0 ? left : grace);
            }
        });
    }

    @Override
    public Set<Digest> held() throws IOException {
        Instant now = clock.instant();
        BuildLedger.Blobs blobs = builds.ledger()
            .blobs(now.minus(resultKeep))
            .orElseThrow(() -> new IOException("the API has just started and does not know all builds yet; try again"));
        Set<Digest> held = registry.held();
        storage.leases().settle(items(held), now);
        Set<Digest> wanted = builds.ofJobs().collect(Collectors.toSet());
        blobs.done().removeAll(wanted);
        storage.leases().settle(items(blobs.done()), now.minus(MINUTE));
        wanted.addAll(blobs.needed());
        for (Digest needed : wanted) {
            held.add(needed);
            held.addAll(packs(needed));
        }
        return held;
    }

    /** What a context consists of besides itself; nothing when it is something else, or not here. */
    private Set<Digest> packs(Digest context) throws IOException {
        try (InputStream in = storage.content().open(context)) {
            return ContextLayout.packsOf(in).map(Map::keySet).orElse(Set.of());
        } catch (ContentException | LayerException e) {
            LOG.debug("blob={} holds nothing: {}", context, e.getMessage());
            return Set.of();
        }
    }

    private static List<Item> items(Collection<Digest> blobs) {
        return blobs.stream().map(Item::blob).toList();
    }

    @Override
    public Kept perform(Wish wish) throws IOException {
        Usage usage = switch (wish) {
            case Wish.Usage _ -> keeper.collector().usage();
            case Wish.Prune prune -> prune(prune);
        };
        return new Kept(usage.items().stream().map(FarmDisk::record).toList(), usage.problems());
    }

    /** Limits of space are for executors: how much the registry holds is for people to decide. */
    private Usage prune(Wish.Prune prune) throws IOException {
        // What results hold is theirs alone from here on, so that an executor of this machine can remove it next.
        Set<Digest> _ = held();
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        prune.kinds().forEach(word -> kinds.addAll(Kind.parse(word)));
        if (!prune.space().equals(Wish.Space.ANY)) {
            return new Usage(List.of(), List.of());
        }
        List<Policy> policies = List.of(new Policy(new Policy.Filter(kinds, prune.ids()), prune.keep(),
                Policy.Limits.NONE, prune.all()));
        Usage results = keeper.collector().collect(policies);
        // Only now nobody holds the blobs of results that went.
        Usage blobs = keeper.collector().collect(policies);
        List<Stocked> gone = new ArrayList<>(results.items());
        gone.addAll(blobs.items());
        return new Usage(gone, blobs.problems());
    }

    private static UsageRecord record(Stocked stocked) {
        return new UsageRecord(stocked.item().kind().word(), stocked.item().id(), stocked.bytes(),
                stocked.times().created(), stocked.times().lastUsed(), stocked.inUse(), stocked.description());
    }

    @Override
    public void close() {
        keeper.close();
    }
}
