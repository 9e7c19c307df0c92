package dev.kiln.api.builds;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.api.dispatch.Outcomes;
import dev.kiln.api.http.HttpProblem;
import dev.kiln.api.http.ProblemException;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.BuildRecords;
import dev.kiln.queue.BuildRecords.BuildRecord;
import dev.kiln.queue.EventLog;
import dev.kiln.queue.EventLog.Cursor;
import dev.kiln.queue.EventLog.From;
import dev.kiln.queue.EventLog.Recorded;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.job.BuildRequest;
import dev.kiln.queue.job.CacheOptions;

/**
 * All builds, folded from their records and from the log of events by one thread, which begins with the oldest event
 * that is kept; so every API process, also one that was restarted, knows the same. It writes back the record of each
 * build that is news or has started or ended.
 *
 * <p>Memory: the tails of events together and the remembered builds together are bounded; the oldest builds that have
 * ended are forgotten first. A reader that is slower than the tail continues in the {@link EventLog}.
 */
public final class BuildLedger implements Outcomes, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BuildLedger.class);
    private static final Duration PATIENCE = Duration.ofMillis(500);

    /**
     * @param tailBytes what the newest events may take
     * @param buildBytes what the remembered builds may take
     */
    public record Bounds(long tailBytes, long buildBytes) {
        public static final Bounds DEFAULT = new Bounds(16 << 20, 128 << 20);
    }

    private final EventLog events;
    private final BuildRecords records;
    private final Bounds bounds;
    private final RecordWriter writer;
    private final NavigableMap<BuildId, LedgerEntry> entries = new ConcurrentSkipListMap<>();
    private final Set<BuildReader> readers = ConcurrentHashMap.newKeySet();
    private final Set<Runnable> listeners = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final EventTail tail;
    private final Thread folder;
    private long remembered;
    private volatile boolean caughtUp;
    private volatile boolean closed;
    private volatile @Nullable Cursor cursor;

    public BuildLedger(EventLog events, BuildRecords records, Bounds bounds) {
        this.events = events;
        this.records = records;
        this.bounds = bounds;
        this.tail = new EventTail(bounds.tailBytes());
        this.writer = new RecordWriter(records);
        this.folder = Thread.ofPlatform().daemon().name("build-ledger").unstarted(this::run);
    }

    /** Begins to read; returns at once. */
    public void start() {
        writer.start();
        folder.start();
    }

    @Override
    public boolean caughtUp() {
        return caughtUp;
    }

    @Override
    public Optional<BuildEvent.Final> outcome(BuildId build) {
        return find(build).flatMap(BuildRecord::outcome);
    }

    @Override
    public AutoCloseable listen(Runnable listener) {
        Runnable own = listener::run;
        listeners.add(own);
        return () -> listeners.remove(own);
    }

    /** The build, when there is one. */
    Optional<BuildRecord> find(BuildId build) {
        return Optional.ofNullable(entries.get(build)).flatMap(LedgerEntry::record);
    }

    /**
     * The build.
     *
     * @throws ProblemException {@code NOT_FOUND}, or {@code UNAVAILABLE} when it may yet turn up
     */
    BuildRecord get(BuildId build) {
        return find(build).orElseThrow(() -> {
            requireCaughtUp();
            return new ProblemException(HttpProblem.NOT_FOUND, "there is no build " + build);
        });
    }

    /** At most {@code limit} builds that are {@code wanted}, the newest first, from before {@code cursor} on. */
    List<BuildRecord> list(Optional<BuildId> before, Predicate<BuildRecord> wanted, int limit) {
        requireCaughtUp();
        NavigableMap<BuildId, LedgerEntry> range = before.map(id -> entries.headMap(id, false)).orElse(entries);
        return range.descendingMap()
            .values()
            .stream()
            .flatMap(entry -> entry.record().stream())
            .filter(wanted)
            .limit(limit)
            .toList();
    }

    /** Notes a build that was accepted here, before its event comes back; completes when its record is durable. */
    CompletableFuture<Void> accepted(BuildRequest request, long position) {
        LedgerEntry entry;
        boolean news;
        lock.lock();
        try {
            entry = entry(request.id());
            news = entry.accept(request, position);
            if (news) {
                remember(request);
            }
        } finally {
            lock.unlock();
        }
        return news ? entry.record().map(writer::put).orElseThrow() : writer.settled(request.id());
    }

    /** Opens a place in the build's events after {@code position}; -1 begins with the first. */
    BuildReader read(BuildId build, long position) {
        get(build);
        LedgerEntry entry = entries.get(build);
        if (entry == null) {
            throw new ProblemException(HttpProblem.NOT_FOUND, "the build " + build + " was just forgotten");
        }
        lock.lock();
        try {
            return open(new BuildReader(this, build, entry, position));
        } finally {
            lock.unlock();
        }
    }

    /** The position before the build's latest attempt; -1, before everything, when none has begun. */
    long latestAttempt(BuildId build) {
        LedgerEntry entry = entries.get(build);
        lock.lock();
        try {
            return entry == null ? -1 : Math.max(-1, entry.latestStart() - 1);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Blobs of builds that clients sent or that are their logs.
     *
     * @param needed those of builds that have not ended, and logs of builds that ended after {@code logsSince}
     * @param done those that were for builds that have ended
     */
    public record Blobs(Set<Digest> needed, Set<Digest> done) {}

    /** What builds need of the content store, as far as is known; before all is known, empty. */
    public Optional<Blobs> blobs(Instant logsSince) {
        if (!caughtUp) {
            return Optional.empty();
        }
        Set<Digest> needed = new HashSet<>();
        Set<Digest> done = new HashSet<>();
        entries.values().stream().flatMap(entry -> entry.record().stream()).forEach(record -> {
            boolean ended = record.outcome().isPresent();
            BuildBlobs.of(record.request()).forEach(ended ? done::add : needed::add);
            record.outcome()
                .filter(outcome -> outcome.at().isAfter(logsSince))
                .flatMap(BuildEvent.Final::log)
                .ifPresent(log -> needed.add(log.digest()));
        });
        return Optional.of(new Blobs(needed, done));
    }

    /**
     * What has not ended.
     *
     * @param queued builds that no executor has begun
     * @param running builds that an executor began
     * @param oldest how long the oldest of those waits that are queued; zero when there is none
     */
    public record Backlog(int queued, int running, Duration oldest) {
        public static final Backlog NONE = new Backlog(0, 0, Duration.ZERO);

        /** Both together. */
        public Backlog plus(Backlog other) {
            return new Backlog(queued + other.queued, running + other.running,
                    oldest.compareTo(other.oldest) > 0 ? oldest : other.oldest);
        }

        private Backlog and(BuildRecord record, Instant now) {
            if (record.started().isPresent()) {
                return new Backlog(queued, running + 1, oldest);
            }
            Duration age = Duration.between(record.request().submitted(), now);
            return new Backlog(queued + 1, running, age.compareTo(oldest) > 0 ? age : oldest);
        }
    }

    /** What has not ended, as far as is known, by tenant. */
    public Map<String, Backlog> backlog(Instant now) {
        Map<String, Backlog> backlogs = new HashMap<>();
        for (LedgerEntry entry : entries.values()) {
            entry.record()
                .filter(record -> record.outcome().isEmpty())
                .ifPresent(record -> backlogs.compute(record.request().queueing().tenant(),
                        (_, before) -> (before == null ? Backlog.NONE : before).and(record, now)));
        }
        return backlogs;
    }

    /** How many readers of events are open. */
    public int readers() {
        return readers.size();
    }

    EventLog log() {
        return events;
    }

    ReentrantLock lock() {
        return lock;
    }

    void forget(BuildReader reader) {
        readers.remove(reader);
    }

    private BuildReader open(BuildReader reader) {
        readers.add(reader);
        if (closed) {
            reader.close();
        }
        return reader;
    }

    private void requireCaughtUp() {
        if (!caughtUp) {
            throw new ProblemException(HttpProblem.UNAVAILABLE,
                    "the server has just started and still reads the log of builds; ask again")
                .retryAfter(Duration.ofSeconds(1));
        }
    }

    private void run() {
        boolean loaded = false;
        while (!closed) {
            try {
                if (!loaded) {
                    records.forEach(this::load);
                    loaded = true;
                }
                follow();
            } catch (QueueException | RuntimeException e) {
                if (!closed) {
                    LOG.warn("ledger interrupted, beginning again", e);
                    pause();
                }
            }
        }
    }

    private void load(BuildRecord record) {
        lock.lock();
        try {
            if (!entries.containsKey(record.id())) {
                entry(record.id()).load(record);
                remember(record.request());
            }
        } finally {
            lock.unlock();
        }
    }

    /** Folds what comes until the ledger is closed. Begun again, it passes over what it has seen. */
    private void follow() throws QueueException {
        try (Cursor reading = events.readAll(From.OLDEST)) {
            cursor = reading;
            while (!closed) {
                fold(reading.next(PATIENCE));
                if (!caughtUp && reading.caughtUp()) {
                    caughtUp = true;
                    LOG.info("ledger caught up builds={}", entries.size());
                }
            }
        }
    }

    private void fold(List<Recorded> batch) {
        List<BuildRecord> news = new ArrayList<>();
        lock.lock();
        try {
            for (Recorded recorded : batch) {
                fold(recorded).ifPresent(news::add);
            }
        } finally {
            lock.unlock();
        }
        news.forEach(record -> {
            var unused = writer.put(record);
        });
        if (!news.isEmpty()) {
            listeners.forEach(Runnable::run);
        }
    }

    /** The build's record, when the event changed it. */
    private Optional<BuildRecord> fold(Recorded recorded) {
        LedgerEntry entry = entry(recorded.event().build());
        Optional<BuildRecord> before = entry.record();
        if (entry.take(recorded)) {
            tail.added(entry, recorded.event());
            entry.changed.signalAll();
        }
        Optional<BuildRecord> now = entry.record();
        if (before.isEmpty()) {
            now.ifPresent(record -> remember(record.request()));
        }
        return now.filter(record -> !before.equals(now));
    }

    private LedgerEntry entry(BuildId build) {
        return entries.computeIfAbsent(build, _ -> new LedgerEntry(lock.newCondition()));
    }

    /** Counts a build, and forgets old ones that have ended while there is too much. */
    private void remember(BuildRequest request) {
        remembered += weight(request);
        var oldest = entries.entrySet().iterator();
        while (remembered > bounds.buildBytes() && oldest.hasNext()) {
            Optional<BuildRecord> record = oldest.next().getValue().record();
            if (record.isPresent() && record.get().outcome().isPresent()) {
                oldest.remove();
                remembered -= weight(record.get().request());
            }
        }
    }

    private static long weight(BuildRequest request) {
        long weight = 2_000;
        CacheOptions cache = request.options().cache();
        for (var map : List.of(request.options().buildArgs(), request.options().labels())) {
            for (var entry : map.entrySet()) {
                weight += 100 + entry.getKey().length() + entry.getValue().length();
            }
        }
        weight += 300L * (request.output().names().size() + cache.offStages().size()
                + cache.from().size() + cache.to().size()
                + request.steps().hosts().size() + request.steps().ulimits().size()
                + request.secrets().secrets().size() + request.secrets().ssh().size());
        return weight + 1_000L * request.files().named().size()
                + request.files().ignorePatterns().map(String::length).orElse(0);
    }

    private void pause() {
        try {
            Thread.sleep(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stops; those who wait for events are let go, and records that wait are put. */
    @Override
    public void close() {
        closed = true;
        Cursor reading = cursor;
        if (reading != null) {
            reading.close();
        }
        readers.forEach(BuildReader::close);
        try {
            folder.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        writer.close();
    }
}
