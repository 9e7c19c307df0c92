package dev.kiln.executor.solver;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.layercache.index.CacheEntry;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.index.CacheIndex;
import dev.kiln.queue.event.CacheMiss;

/**
 * Reads and writes the index for steps. That it cannot is no reason for a build to fail: it is logged, and the step runs
 * again next time.
 */
final class Recorder {
    private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);

    private final CacheIndex index;
    private final FarmResults farm;
    private final CachedLayers layers;
    private final InstantSource clock;

    Recorder(CacheIndex index, FarmResults farm, CachedLayers layers, InstantSource clock) {
        this.index = index;
        this.farm = farm;
        this.layers = layers;
        this.clock = clock;
    }

    /** A result that was found, what it cost when it was made, and when that was. */
    record Hit(Result result, Duration cost, Instant made) {}

    /** The result under this key, when every layer of it can still be had; says so when there is one that is no good. */
    Optional<Hit> find(Keys keys, Optional<Duration> ttl, Consumer<CacheMiss> noGood) {
        try {
            Optional<CacheEntry> entry = index.get(keys.key());
            if (entry.isEmpty()) {
                return Optional.empty();
            }
            Instant made = entry.get().created();
            if (isOver(ttl, made)) {
                noGood.accept(new CacheMiss.Expired(made, ttl.get()));
                return Optional.empty();
            }
            Optional<Result> found = restore(entry.get().layers());
            if (found.isEmpty()) {
                LOG.info("action=look-up key={} outcome=layer-gone", keys.key());
                index.remove(keys.key());
                noGood.accept(new CacheMiss.Removed(made, "a layer of it is gone"));
            } else if (!entry.get().cost().isZero()) {
                // What was imported has no cost; the farm only has what its own executors made.
                farm.used(entry.get());
            }
            return found.map(result -> new Hit(result, entry.get().cost(), made));
        } catch (IOException e) {
            LOG.warn("action=look-up key={} outcome=failed", keys.key(), e);
            noGood.accept(new CacheMiss.Unreadable(SolveFailed.describe(e)));
            return Optional.empty();
        }
    }

    private boolean isOver(Optional<Duration> ttl, Instant made) {
        return ttl.filter(age -> made.plus(age).isBefore(clock.instant())).isPresent();
    }

    /** What another executor of the farm made under this key, when every layer of it can be had. */
    Optional<Hit> shared(Keys keys, Optional<Duration> ttl) throws InterruptedException {
        Optional<CacheEntry> entry = farm.find(keys.key()).filter(found -> !isOver(ttl, found.created()));
        if (entry.isEmpty()) {
            return Optional.empty();
        }
        try {
            return restore(entry.get().layers())
                .map(result -> new Hit(result, entry.get().cost(), entry.get().created()));
        } catch (IOException e) {
            LOG.warn("action=restore-shared key={} outcome=failed", keys.key(), e);
            return Optional.empty();
        }
    }

    private Optional<Result> restore(List<CachedLayer> wanted) throws IOException {
        Result.Layer[] found = new Result.Layer[wanted.size()];
        for (int i = 0; i < found.length; i++) {
            Optional<Result.Layer> restored = layers.restore(wanted.get(i));
            if (restored.isEmpty()) {
                LOG.info("action=restore outcome=layer-gone layer={}", wanted.get(i).diffId());
                return Optional.empty();
            }
            found[i] = restored.get();
        }
        return Optional.of(new Result(List.of(found)));
    }

    /** A result from elsewhere, when every layer of it can be had; nobody knows what it cost. */
    Optional<Hit> foreign(List<CachedLayer> wanted, Optional<Duration> ttl) {
        try {
            Instant made = wanted.getLast().created().orElse(Instant.EPOCH);
            return isOver(ttl, made)
                    ? Optional.empty()
                    : restore(wanted).map(result -> new Hit(result, Duration.ZERO, made));
        } catch (IOException e) {
            LOG.warn("action=restore outcome=failed", e);
            return Optional.empty();
        }
    }

    /** Writes what was found elsewhere under one key. */
    void record(Keys keys, Hit hit) {
        try {
            put(List.of(new CacheEntry(keys.key(), packed(hit.result()), hit.cost(), hit.made(), keys.preimage())));
        } catch (CompletionException | ExecutionException | InterruptedException e) {
            LOG.warn("action=record key={} outcome=not-cached", keys.key(), e);
        }
    }

    /**
     * Writes the result under all keys of the step, once its layers and those of its inputs are packed; waits for that.
     *
     * @param share whether it is for the farm too
     * @return whether it is there
     */
    boolean record(StepKeys step, Hit hit, boolean share) {
        try {
            step.inputs().forEach(input -> packed(input.result()));
            List<CachedLayer> packed = packed(hit.result());
            List<CacheEntry> entries = step.all()
                .stream()
                .map(k -> new CacheEntry(k.key(), packed, hit.cost(), hit.made(), k.preimage()))
                .toList();
            put(entries);
            if (share) {
                farm.made(entries);
            }
            return true;
        } catch (CompletionException | ExecutionException | InterruptedException e) {
            LOG.warn("action=record vertex=\"{}\" outcome=not-cached", step.plan().vertex(), e);
            return false;
        }
    }

    /** Side by side, for each of them waits for the disk. */
    private void put(List<CacheEntry> entries) throws ExecutionException, InterruptedException {
        try (ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> writing = new ArrayList<>();
            for (CacheEntry entry : entries) {
                writing.add(writers.submit(() -> {
                    index.put(entry);
                    return true;
                }));
            }
            for (Future<Boolean> one : writing) {
                one.get();
            }
        }
    }

    private static List<CachedLayer> packed(Result result) {
        return result.layers().stream().map(layer -> layer.packed().join()).toList();
    }
}
