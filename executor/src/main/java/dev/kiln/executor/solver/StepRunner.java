package dev.kiln.executor.solver;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.executor.graph.Freshness;
import dev.kiln.executor.logging.LogFields;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.event.CacheMiss;

/** Does a step's work on threads of its own: look the definition up; later look by content, or make the result. */
final class StepRunner implements Flights.Threads {
    private static final Logger LOG = LoggerFactory.getLogger(StepRunner.class);

    private final Flights flights;
    private final Recorder recorder;
    private final StepHistory history;
    private final Semaphore slots;
    private final InstantSource clock;
    private final StepMeter meter;

    StepRunner(Recorder recorder, StepHistory history, CachedLayers layers, int slots, InstantSource clock,
            Path spool, StepMeter meter) {
        this.recorder = recorder;
        this.history = history;
        this.slots = new Semaphore(slots, true);
        this.clock = clock;
        this.meter = meter;
        flights = new Flights(spool, this, layers);
    }

    Flights flights() {
        return flights;
    }

    @Override
    public void look(Step step) {
        start("look", step, () -> lookUpDefinition(step));
    }

    @Override
    public void compare(Step step, int input) {
        start("compare", step, () -> contents(step, input));
    }

    @Override
    public void work(Step step) {
        start("step", step, () -> workOn(step));
    }

    private interface Work {
        void run() throws IOException, StepFailed, InterruptedException;
    }

    /** Whatever goes wrong is the step's failure; nothing ends in a thread that nobody watches. */
    private void start(String name, Step step, Work work) {
        Thread.ofVirtual().name(name).start(() -> LogFields.run(flights.fields(step), () -> {
            try {
                work.run();
            } catch (Throwable e) {
                flights.failed(step, e);
            } finally {
                flights.threadEnded(step);
            }
        }));
    }

    private void lookUpDefinition(Step step) throws IOException, StepFailed, InterruptedException {
        Plan.Entry plan = step.plan;
        boolean asks = plan.op().cacheable() && plan.known();
        Optional<Recorder.Hit> hit = asks
                ? recorder.find(plan.definition(), plan.ttl(), step::obstacle)
                : Optional.empty();
        boolean here = hit.isPresent();
        if (asks && !here) {
            hit = shared(step, plan.definition());
        }
        if (asks && hit.isEmpty()) {
            hit = elsewhere(step, Optional.empty());
        }
        if (hit.isEmpty()) {
            flights.missed(step);
            return;
        }
        step.journal.cached();
        meter.found(plan.vertex(), hit.get().cost());
        Result result = hit.get().result();
        flights.done(step, result, made(result, step));
        try {
            if (!here) {
                recorder.record(plan.definition(), hit.get());
            }
        } finally {
            flights.recorded(step);
        }
    }

    private Optional<Recorder.Hit> shared(Step step, Keys keys) throws IOException, StepFailed, InterruptedException {
        return flights.interruptibly(step, () -> recorder.shared(keys, step.plan.ttl()));
    }

    private void workOn(Step step) throws IOException, StepFailed, InterruptedException {
        Plan.Entry plan = step.plan;
        StepKeys keys = new StepKeys(plan, flights.inputs(step), Map.of());
        if (!plan.op().cacheable()) {
            make(step, keys);
            return;
        }
        if (foundUnder(step, keys, keys.byIdentity()) || foundElsewhere(step, keys, false)) {
            return;
        }
        StepKeys known = withContents(step, keys);
        if (foundUnder(step, known, known.byContent()) || foundElsewhere(step, known, true)
                || !flights.takesOff(step, known.execution())) {
            return;
        }
        flights.interruptibly(step, () -> {
            slots.acquire();
            return true;
        });
        try {
            make(step, known);
        } finally {
            slots.release();
        }
    }

    private Optional<Recorder.Hit> elsewhere(Step step, Optional<List<Result>> inputs)
            throws IOException, StepFailed, InterruptedException {
        return flights.interruptibly(step, () -> step.plan.elsewhere().find(step.plan.vertex(), inputs))
            .filter(layers -> !layers.isEmpty())
            .flatMap(layers -> recorder.foreign(layers, step.plan.ttl()));
    }

    /** @param look whether the files of the inputs may be looked into */
    private boolean foundElsewhere(Step step, StepKeys keys, boolean look)
            throws IOException, StepFailed, InterruptedException {
        if (!step.plan.known()) {
            return false;
        }
        Optional<List<Result>> inputs = look
                ? Optional.of(keys.inputs().stream().map(Step::result).toList())
                : Optional.empty();
        Optional<Recorder.Hit> hit = elsewhere(step, inputs);
        hit.ifPresent(found -> {
            step.journal.cached();
            meter.found(step.plan.vertex(), found.cost());
            land(step, keys, found, false);
        });
        return hit.isPresent();
    }

    private StepKeys withContents(Step step, StepKeys keys) throws IOException, StepFailed, InterruptedException {
        Map<Integer, Digest> contents = new HashMap<>();
        for (int i = 0; i < keys.inputs().size(); i++) {
            if (step.plan.op().hasContentKey(i)) {
                int input = i;
                contents(step, input).ifPresent(digest -> contents.put(input, digest));
            }
        }
        return new StepKeys(keys.plan(), keys.inputs(), contents);
    }

    /** Asks the op, once for each input, whichever thread comes first. */
    private Optional<Digest> contents(Step step, int input) throws IOException, StepFailed, InterruptedException {
        CompletableFuture<Optional<Digest>> mine = new CompletableFuture<>();
        CompletableFuture<Optional<Digest>> first = step.contents.putIfAbsent(input, mine);
        if (first != null) {
            return flights.interruptibly(step, () -> await(first));
        }
        Result result = flights.inputs(step).get(input).result();
        try {
            Optional<Digest> digest = flights.interruptibly(step, () -> step.plan.op().contentKey(input, result));
            mine.complete(digest);
            return digest;
        } catch (Throwable e) {
            mine.completeExceptionally(e);
            throw e;
        }
    }

    /** What another thread of the same step finds; whichever of both comes first tells the build why it failed. */
    private static Optional<Digest> await(CompletableFuture<Optional<Digest>> digest)
            throws IOException, StepFailed, InterruptedException {
        try {
            return digest.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case StepFailed failed -> throw failed;
                case IOException failed -> throw failed;
                case null, default -> throw new IOException("comparing an input failed", e.getCause());
            }
        }
    }

    private boolean foundUnder(Step step, StepKeys keys, Optional<Keys> key)
            throws IOException, StepFailed, InterruptedException {
        if (step.plan.vertex().noCache() || key.isEmpty()) {
            return false;
        }
        Optional<Recorder.Hit> hit = recorder.find(key.get(), step.plan.ttl(), step::obstacle);
        if (hit.isEmpty()) {
            hit = shared(step, key.get());
        }
        hit.ifPresent(found -> {
            step.journal.cached();
            meter.found(step.plan.vertex(), found.cost());
            land(step, keys, found, false);
        });
        return hit.isPresent();
    }

    private void make(Step step, StepKeys keys) throws IOException, StepFailed, InterruptedException {
        step.journal.started();
        CompletableFuture<Void> explained = explain(step, keys);
        Instant start = clock.instant();
        Result result;
        boolean well = false;
        try {
            List<Result> inputs = keys.inputs().stream().map(Step::result).toList();
            result = flights.interruptibly(step, () -> step.plan.op().execute(inputs, step.journal));
            well = true;
        } finally {
            explained.join();
            meter.ran(step.plan.vertex(), Duration.between(start, clock.instant()), well);
        }
        Instant end = clock.instant();
        step.plan.elsewhere().made(step.plan.vertex(), result);
        step.journal.completed(Optional.empty());
        land(step, keys, new Recorder.Hit(result, Duration.between(start, end), end), true);
    }

    /** Finds out why the step runs, while it runs. */
    private CompletableFuture<Void> explain(Step step, StepKeys keys) {
        if (!step.plan.op().cacheable()) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> told = new CompletableFuture<>();
        Thread.ofVirtual().name("explain").start(LogFields.carry(() -> {
            try {
                reason(step, keys).ifPresent(step.journal::missed);
            } catch (RuntimeException e) {
                LOG.error("action=explain vertex=\"{}\"", step.plan.vertex(), e);
            } finally {
                told.complete(null);
            }
        }));
        return told;
    }

    private Optional<CacheMiss> reason(Step step, StepKeys keys) {
        if (step.plan.vertex().freshness() instanceof Freshness.Never(var wish)) {
            return Optional.of(new CacheMiss.NotWanted(switch (wish) {
                case REQUEST -> CacheMiss.Wish.REQUEST;
                case COMMENT -> CacheMiss.Wish.COMMENT;
            }));
        }
        return Optional.ofNullable(step.obstacle).or(() -> history.explain(keys.facts()));
    }

    /**
     * Hands the result on, and records it behind the backs of those who go on with it.
     *
     * @param ran that it was made here
     */
    private void land(Step step, StepKeys keys, Recorder.Hit hit, boolean ran) {
        Result result = hit.result();
        List<Step> all = flights.done(step, result, made(result, step));
        for (Step one : all) {
            if (step.plan.op().cacheable()) {
                StepKeys own = new StepKeys(one.plan, flights.inputs(one), keys.contents());
                Thread.ofVirtual().name("record").start(LogFields.carry(() -> {
                    try {
                        if (recorder.record(own, hit, ran && isWanted(one))) {
                            history.add(own.facts(), hit.made());
                        }
                    } finally {
                        flights.recorded(one);
                    }
                }));
            } else {
                flights.recorded(one);
            }
        }
    }

    /** Whether anybody will ever look for it: not when the file itself has the step run each time. */
    private static boolean isWanted(Step step) {
        return !(step.plan.vertex().freshness() instanceof Freshness.Never(var wish)
                && wish == Freshness.Wish.COMMENT);
    }

    private static String made(Result result, Step step) {
        Digest by = step.execution == null ? step.plan.flight() : step.execution;
        return Keys.identity(result).map(Keys::byIdentity).orElse("made by " + by);
    }
}
