package dev.kiln.executor.cachemount;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

import dev.kiln.executor.cachemount.Lending.Cache;
import dev.kiln.executor.cachemount.Lending.Hold;
import dev.kiln.executor.cachemount.Lending.Identity;
import dev.kiln.layercache.lease.Stock;
import dev.kiln.layercache.posix.DiskUsage;
import dev.kiln.layercache.posix.RawPath;

/**
 * Lends caches to steps.
 *
 * <p>A step asks for all caches that it wants at once, and gets all of them or waits, holding none: so steps never wait for
 * one another in a circle. As in BuildKit, steps that want a cache shared have one together; a step that wants it alone
 * gets one that nobody has, a new one if need be; and one that wants it locked waits until nobody has it. A step whose
 * writes count only if it ends well has its caches alone, and others that share them wait; so it is while a cache is read.
 */
public final class CacheMounts implements AutoCloseable {
    private final CacheFiles files;
    private final Supplier<String> ids;
    private final InstantSource clock;
    private final Lending lending;

    private CacheMounts(CacheFiles files, Supplier<String> ids, InstantSource clock) {
        this.files = files;
        this.ids = ids;
        this.clock = clock;
        this.lending = new Lending(ids);
    }

    /**
     * Takes a directory for caches, and cleans it of what a crash left. Let the runtime kill left-over containers before.
     *
     * @param ids gives letters and digits that never come twice, not even after a restart
     */
    public static CacheMounts open(Path directory, Supplier<String> ids, InstantSource clock) throws IOException {
        CacheFiles files = CacheFiles.open(directory);
        CacheMounts mounts = new CacheMounts(files, ids, clock);
        files.all()
            .forEach((name, about) -> mounts.lending.add(name, new Identity(about.id(), about.origin()),
                    about.lastUsed()));
        return mounts;
    }

    /** As {@link #lend(List, Waiting)}, for whom waiting needs no word. */
    public Lent lend(List<Wanted> wanted) throws IOException, InterruptedException {
        return lend(wanted, Waiting.SILENTLY);
    }

    /**
     * Waits until the step can have all of these. What names the same cache twice gets the same one, as the first says.
     *
     * @param waiting hears of it once when others have some of them
     * @return to be closed when no process of the step is left
     */
    public Lent lend(List<Wanted> wanted, Waiting waiting) throws IOException, InterruptedException {
        Map<Identity, Wanted> byIdentity = new LinkedHashMap<>();
        wanted.forEach(one -> byIdentity.merge(identity(one), one, CacheMounts::joined));
        List<Given> given = take(byIdentity, waiting);
        List<Cache> caches = given.stream().map(Given::cache).toList();
        try {
            for (Given one : given) {
                fill(one);
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            lending.takeBack(caches);
            throw e;
        }
        Lent lent = new Lent(wanted.stream().map(one -> name(given, identity(one))).toList(), files, ids,
                broken -> giveBack(caches, broken));
        protect(lent, given);
        return lent;
    }

    private record Given(Wanted wanted, Cache cache) {}

    private List<Given> take(Map<Identity, Wanted> wanted, Waiting waiting)
            throws IOException, InterruptedException {
        Map<Identity, Hold> holds = new LinkedHashMap<>();
        wanted.forEach((identity, one) -> holds.put(identity, hold(one)));
        Iterator<Cache> taken = lending.take(holds, clock.instant(), waiting).iterator();
        return wanted.values().stream().map(one -> new Given(one, taken.next())).toList();
    }

    private static String name(List<Given> given, Identity identity) {
        return given.stream()
            .map(Given::cache)
            .filter(cache -> cache.identity.equals(identity))
            .findFirst()
            .orElseThrow().name;
    }

    private static Wanted joined(Wanted first, Wanted further) {
        return new Wanted(first.id(), first.origin(), first.sharing(),
                first.onlyOnSuccess() || further.onlyOnSuccess(), first.root(), first.beginning());
    }

    private static Identity identity(Wanted wanted) {
        return new Identity(wanted.id(), wanted.origin());
    }

    private static Hold hold(Wanted wanted) {
        return switch (wanted.sharing()) {
            case SHARED -> wanted.onlyOnSuccess() ? Hold.AWAITED : Hold.TOGETHER;
            case PRIVATE -> Hold.OWN;
            case LOCKED -> Hold.LOCKED;
        };
    }

    private void fill(Given given) throws IOException, InterruptedException {
        if (!lending.isFilled(given.cache)) {
            files.make(given.cache.name, given.wanted);
            lending.filled(given.cache);
        }
    }

    private static void protect(Lent lent, List<Given> given) throws IOException {
        try {
            for (Given one : given) {
                if (one.wanted.onlyOnSuccess()) {
                    lent.protect(one.cache.name);
                }
            }
        } catch (IOException | RuntimeException e) {
            try {
                lent.close();
            } catch (IOException closing) {
                e.addSuppressed(closing);
            }
            throw e;
        }
    }

    private void giveBack(List<Cache> given, Set<String> broken) throws IOException {
        Instant now = clock.instant();
        try {
            for (Cache cache : given) {
                if (broken.contains(cache.name)) {
                    lending.forget(cache);
                    files.remove(cache.name);
                } else {
                    files.used(cache.name, now);
                }
            }
        } finally {
            lending.giveBack(given, now);
        }
    }

    /** What the caches of this id began with, each once. */
    public List<String> origins(String id) {
        return lending.list()
            .stream()
            .map(Lending.State::identity)
            .filter(identity -> identity.id().equals(id))
            .map(Identity::origin)
            .distinct()
            .toList();
    }

    /**
     * Gives a cache to be read. Of several of the same id and origin it is the one used last.
     *
     * @return empty when there is none, or steps had it for longer than {@code patience}
     */
    public Optional<Borrowed> borrow(String id, String origin, Duration patience) throws InterruptedException {
        return lending.borrow(new Identity(id, origin), patience)
            .map(cache -> new Borrowed(cache.name, files, () -> lending.giveBack(cache)));
    }

    /** All caches with what they take on the disk, those used last first. */
    public List<KeptCache> list() throws IOException {
        List<KeptCache> list = new ArrayList<>();
        for (Lending.State cache : lending.list()) {
            list.add(new KeptCache(cache.name(), cache.identity().id(),
                    DiskUsage.of(RawPath.of(files.files(cache.name()))), cache.lastUsed(), cache.held()));
        }
        list.sort(Comparator.comparing(KeptCache::lastUsed).reversed());
        return list;
    }

    /**
     * Removes a cache.
     *
     * @return false when there is none of that name, or a step has it
     */
    public boolean remove(String name) throws IOException {
        boolean forgotten = lending.forget(name);
        if (forgotten) {
            files.remove(name);
        }
        return forgotten;
    }

    /** The caches as what can be collected; to be asked for once. */
    public Stock stock() {
        return new CacheStock(this, files);
    }

    /** All caches, without their sizes. */
    List<KeptCache> unmeasured() {
        return lending.list()
            .stream()
            .map(cache -> new KeptCache(cache.name(), cache.identity().id(), 0, cache.lastUsed(), cache.held()))
            .toList();
    }

    /** Gives the directory free. All lent caches must have been given back. */
    @Override
    public void close() throws IOException {
        files.close();
    }
}
