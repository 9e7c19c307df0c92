package dev.kiln.executor.solver;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.executor.solver.Build.Attachment;
import dev.kiln.layercache.index.CacheIndex;

/**
 * Solves build graphs, many at a time: looks results up, from the target downwards; runs what has none, independent steps
 * side by side; and does once what several builds want at the same time. One for each executor. Safe for many threads.
 */
public final class Solver implements AutoCloseable {
    private final Recorder recorder;
    private final Flights flights;
    private final CachedLayers layers;

    /** One of an executor that is alone; as the other. */
    public Solver(CacheIndex index, CachedLayers layers, StepHistory history, int slots, InstantSource clock,
            Path spool) {
        this(index, FarmResults.NONE, layers, history, slots, clock, spool, StepMeter.NONE);
    }

    /**
     * @param farm asked for what {@code index} does not have, and told what is made here
     * @param slots how many steps may run at once
     * @param spool an existing directory for the output of running steps, kept for builds that join them
     */
    public Solver(CacheIndex index, FarmResults farm, CachedLayers layers, StepHistory history, int slots,
            InstantSource clock, Path spool, StepMeter meter) {
        if (slots < 1) {
            throw new IllegalArgumentException("an executor needs at least one slot for steps");
        }
        this.layers = layers;
        recorder = new Recorder(index, farm, layers, clock);
        flights = new StepRunner(recorder, history, layers, slots, clock, spool, meter).flights();
    }

    /**
     * Solves the graph and returns the results of its targets. An interrupt of the calling thread cancels the build: steps that
     * no other build wants are ended before this method throws.
     *
     * <p>A hold of {@link CachedLayers} that is open when this is called keeps the results.
     *
     * @throws SolveFailed for the first vertex that failed; what else was running for this build alone has ended
     */
    public Solution solve(BuildGraph graph, OpResolver ops, SolveListener listener)
            throws SolveFailed, InterruptedException {
        Build build = new Build(Plan.of(graph, ops), listener);
        try {
            flights.join(build);
            Map<Vertex, Result> results = build.await();
            // The steps let go of them when this build leaves them; from here on they are the caller's.
            results.values().forEach(layers::use);
            return new Solution(results, flights.recorded(build));
        } finally {
            List<Step> ending = flights.leave(build);
            // Their ops give up promptly; not waiting for it would leave a cancelled build's containers running.
            ending.forEach(step -> step.ended.join());
            build.drain();
            for (Attachment attachment : build.attachments) {
                attachment.step().journal.detach(attachment.hearer());
            }
        }
    }

    /**
     * What is known of the steps of a build that was solved, those included that it did not have to look up: from the
     * index, from the farm, or from elsewhere. Runs nothing.
     */
    public Map<Vertex, Result> known(BuildGraph graph, OpResolver ops) throws InterruptedException {
        Plan plan = Plan.of(graph, ops);
        Map<Vertex, Result> known = new HashMap<>();
        for (Vertex vertex : graph.vertices()) {
            Plan.Entry entry = plan.entry(vertex);
            if (!entry.op().cacheable()) {
                continue;
            }
            Optional<Recorder.Hit> hit = recorder.find(entry.definition(), Optional.empty(), unused -> {});
            if (hit.isEmpty() && entry.known()) {
                hit = recorder.shared(entry.definition(), Optional.empty());
            }
            if (hit.isEmpty()) {
                hit = entry.elsewhere()
                    .find(vertex, Optional.empty())
                    .filter(all -> !all.isEmpty())
                    .flatMap(all -> recorder.foreign(all, Optional.empty()));
            }
            hit.ifPresent(found -> known.put(vertex, found.result()));
        }
        return known;
    }

    /** How many steps are not over: for tests, which see that none is left behind. */
    int underWay() {
        return flights.size();
    }

    /** Waits until everything made is in the index. Builds must have ended. */
    @Override
    public void close() {
        flights.settle();
    }
}
