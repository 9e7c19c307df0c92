package dev.kiln.executor.farmcache;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.layercache.index.CacheEntry;
import dev.kiln.layercache.index.CacheKey;
import dev.kiln.layercache.oci.OciException;
import dev.kiln.layercache.oci.RawManifest;
import dev.kiln.layercache.registry.RegistryException;
import dev.kiln.layercache.registry.Repository;

/**
 * Asks the registry for results, one request for each key, and no longer than it is allowed to take. A registry in trouble is
 * left alone for a while, so that a build is not slowed down once for each step. Safe for many threads.
 */
final class FarmQuestions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FarmQuestions.class);
    private static final int MAX_ABSENT = 10_000;

    private final Repository place;
    private final Pace pace;
    private final InstantSource clock;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final RecentSet<CacheKey> absent;
    /** Guarded by this. */
    private Instant restUntil = Instant.MIN;

    /**
     * @param patience with one question
     * @param rest how long a registry in trouble is not asked
     * @param absence how long an answer that there is nothing is believed
     */
    record Pace(Duration patience, Duration rest, Duration absence) {
        static final Pace STANDARD = new Pace(Duration.ofSeconds(2), Duration.ofSeconds(15), Duration.ofSeconds(5));
    }

    FarmQuestions(Repository place, Pace pace, InstantSource clock) {
        this.place = place;
        this.pace = pace;
        this.clock = clock;
        this.absent = new RecentSet<>(pace.absence, MAX_ABSENT, clock);
    }

    Optional<CacheEntry> find(CacheKey key) throws InterruptedException {
        if (absent.contains(key) || isResting()) {
            return Optional.empty();
        }
        try {
            RawManifest manifest = ask(key);
            return Optional.of(StepArtifact.of(key, manifest.parse()).entry(key));
        } catch (OciException e) {
            LOG.warn("action=ask-farm key={} outcome=unusable reason=\"{}\"", key, e.getMessage());
            boolean _ = absent.add(key);
        } catch (RegistryException e) {
            if (e.code() == RegistryException.Code.NOT_FOUND) {
                boolean _ = absent.add(key);
            } else {
                rest(key, String.valueOf(e.getMessage()));
            }
        } catch (IOException e) {
            rest(key, String.valueOf(e.getMessage()));
        } catch (TimeoutException e) {
            rest(key, "no answer within " + pace.patience.toMillis() + " ms");
        }
        return Optional.empty();
    }

    private RawManifest ask(CacheKey key) throws IOException, TimeoutException, InterruptedException {
        Future<RawManifest> answer = threads.submit(() -> place.manifest(StepArtifact.tag(key)));
        try {
            return answer.get(pace.patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failed -> throw failed;
                case RuntimeException failed -> throw failed;
                case null, default -> throw new IOException("asking for " + key + " failed", e.getCause());
            }
        } finally {
            answer.cancel(true);
        }
    }

    private synchronized boolean isResting() {
        return clock.instant().isBefore(restUntil);
    }

    /** Many questions may fail at once, which is told once. */
    private synchronized void rest(CacheKey key, String reason) {
        Instant now = clock.instant();
        if (!now.isBefore(restUntil)) {
            restUntil = now.plus(pace.rest);
            LOG.warn(
                    "action=ask-farm key={} outcome=failed reason=\"{}\"; steps are run without asking the farm for {} s",
                    key, reason, pace.rest.toSeconds());
        }
    }

    /** Questions under way fail. */
    @Override
    public void close() {
        threads.shutdownNow();
        threads.close();
    }
}
