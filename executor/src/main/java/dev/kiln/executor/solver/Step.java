package dev.kiln.executor.solver;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

import dev.kiln.executor.solver.StepJournal.Hearer;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.event.CacheMiss;

/** A vertex under way, shared by all builds that have it. Everything that can change is guarded by {@link Flights}. */
final class Step {

    /** See the essay in {@link Flights}. */
    enum State {
        LOOKING, WAITING, WORKING, FOLLOWING, DONE, FAILED, LEFT
    }

    final Plan.Entry plan;
    final StepJournal journal;
    /** Keeps what this step finds or makes, until nobody can ask for it any more. */
    final CachedLayers.Hold hold;
    /** Ends when whatever this step made is in the index. */
    final CompletableFuture<Void> recorded = new CompletableFuture<>();
    /** Ends when nobody wants this step and no thread works for it any more. */
    final CompletableFuture<Void> ended = new CompletableFuture<>();

    State state = State.LOOKING;
    final List<Hearer> hearers = new ArrayList<>();
    /** Of the vertex's inputs, in order; empty until the step has been looked up and was not found. */
    List<Step> inputs = List.of();
    boolean missed;
    int awaited;
    final Set<Step> dependents = new LinkedHashSet<>();
    final List<Step> followers = new ArrayList<>();
    @Nullable
    Step leader;
    @Nullable
    Result result;
    /** How this step's result is named in the keys under which executions are shared. */
    String made = "";
    @Nullable
    Digest execution;
    /** Why a result that was known could not be taken; the first such reason. */
    volatile @Nullable CacheMiss obstacle;
    int threads;
    final Set<Thread> interruptible = new HashSet<>();

    /** By index of input, what the step takes from it, as far as that has been asked for. Not guarded. */
    final Map<Integer, CompletableFuture<Optional<Digest>>> contents = new ConcurrentHashMap<>();

    Step(Plan.Entry plan, Path directory, CachedLayers.Hold hold) {
        this.plan = plan;
        this.hold = hold;
        journal = new StepJournal(directory);
    }

    boolean settled() {
        return switch (state) {
            case LOOKING, WAITING, WORKING, FOLLOWING -> false;
            case DONE, FAILED, LEFT -> true;
        };
    }

    /** Notes why a result that was known cannot be taken. */
    void obstacle(CacheMiss reason) {
        if (obstacle == null) {
            obstacle = reason;
        }
    }

    /** True when the result was made just now, rather than found. */
    boolean isNew() {
        return execution != null || leader != null || !plan.op().cacheable();
    }

    Result result() {
        if (result == null) {
            throw new IllegalStateException(plan.vertex() + " has no result");
        }
        return result;
    }

    @Override
    public String toString() {
        return plan.vertex().name() + " (" + state + ")";
    }
}
