package dev.kiln.executor.solver;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;

import dev.kiln.executor.graph.Vertex;
import dev.kiln.executor.logging.LogFields;
import dev.kiln.executor.solver.Build.Attachment;
import dev.kiln.executor.solver.Step.State;
import dev.kiln.executor.solver.StepJournal.Hearer;
import dev.kiln.layercache.oci.Digest;

/*
 * What is under way, and for whom.
 *
 * A build is a graph of vertices; a step is a vertex under way, and belongs to no build. Builds that have the same
 * definition meet at the same step. So there is one graph of steps for the whole executor, and every build sees its own
 * part of it. All of it changes under one lock, held for moments only: under it nothing is read from disk, nothing is
 * run, and no listener is called. What has to be told is put down and told once the lock is given back.
 *
 *   LOOKING -> DONE                         the definition is in the index; the inputs are never asked for
 *   LOOKING -> WAITING                      it is not: every build that has the step asks for the inputs
 *   WAITING -> WORKING                      the last input is DONE; a thread looks for the result by content, or makes it
 *   WORKING -> FOLLOWING -> DONE | FAILED   another step is making that very result: take it from there
 *   WORKING -> DONE | FAILED
 *   any of the first four -> LEFT           no build wants it any more
 *
 * Holding. A build holds a step by a Hearer in its list; a step without hearers is LEFT, and a thread that works for it
 * is interrupted. The invariant that makes leaving safe: who holds a step that was missed also holds its inputs. It is
 * kept by doing both at once, when the step is missed for the builds that hold it, and when a build comes to a step that
 * was missed before. So a build that leaves can never take away an input of a step that another build still wants. A
 * follower's builds hold its leader in the same way.
 *
 * Interrupting. Threads are interrupted only within interruptibly(), which wraps what may take long and is made for it.
 * Index and journal are never interrupted: a channel that an interrupt closes would be closed for everybody.
 *
 * Staying. A step that is DONE stays for those that come while some build still holds it, and until its result is in the
 * index: else whoever came between would run it again. One that had to run anew is not given to those that come after
 * it ended: they asked for a run of their own. Neither is one that may be only so old: they look for themselves.
 *
 * Failing. A step that failed goes at once, so that the next build tries anew. Its builds get its error, and each of them
 * leaves, which ends what it alone still held. A build takes the first error only, and a thread that was interrupted
 * for having been LEFT reports none: so the error that a build reports is one that happened by itself.
 *
 * Comparing early. What a step takes from an input is compared by content once the step is WORKING, when a look at what
 * its inputs are might have spared it. Only for an input that was made just now, which the index cannot know, it is
 * compared as soon as the input is there.
 *
 * Depth. Nothing here recurses along the graph; work lists take the place of the stack, so a chain of ten thousand steps
 * is no exception. And no thread waits for another step: a step that lacks an input has no thread, hence few slots
 * cannot block one another.
 */
final class Flights {
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Digest, Step> flights = new HashMap<>();
    private final Map<Digest, Step> executions = new HashMap<>();
    private final Path spool;
    private final Threads threads;
    private final CachedLayers layers;

    /** Starts what a step needs next on another thread, which calls {@link #threadEnded} last. */
    interface Threads {
        void look(Step step);

        /** Finds out what the step takes from this input, which is there, while others are still awaited. */
        void compare(Step step, int input);

        void work(Step step);
    }

    Flights(Path spool, Threads threads, CachedLayers layers) {
        this.spool = spool;
        this.threads = threads;
        this.layers = layers;
    }

    void join(Build build) {
        lock.lock();
        try {
            build.plan.targets().forEach(target -> subscribe(build, target, null));
        } finally {
            lock.unlock();
        }
        build.drain();
    }

    /** Has the build hold the vertex's step, and all that this step is already known to need. */
    private void subscribe(Build build, Vertex first, @Nullable Step known) {
        Deque<Wanted> wanted = new ArrayDeque<>(List.of(new Wanted(first, known)));
        for (Wanted next = wanted.poll(); next != null; next = wanted.poll()) {
            if (build.steps.containsKey(next.vertex)) {
                continue;
            }
            Step step = next.step == null ? find(build.plan.entry(next.vertex)) : next.step;
            build.steps.put(next.vertex, step);
            hold(build, next.vertex, step);
            for (int i = 0; i < step.inputs.size(); i++) {
                wanted.add(new Wanted(next.vertex.inputs().get(i), step.inputs.get(i)));
            }
            if (step.state == State.DONE) {
                tellDone(step, build, next.vertex);
            }
        }
    }

    private record Wanted(Vertex vertex, @Nullable Step step) {}

    private Step find(Plan.Entry entry) {
        Step there = flights.get(entry.flight());
        if (there != null && !(there.state == State.DONE && (entry.fresh() || entry.aging()))) {
            return there;
        }
        Step made = new Step(entry, spool, layers.hold());
        flights.put(entry.flight(), made);
        made.threads++;
        threads.look(made);
        return made;
    }

    private void hold(Build build, Vertex vertex, Step step) {
        Step leader = step.leader;
        hear(build, vertex, step, leader == null);
        if (leader != null) {
            hear(build, vertex, leader, true);
        }
    }

    private static void hear(Build build, Vertex vertex, Step step, boolean news) {
        Hearer hearer = new Hearer(build, vertex);
        step.hearers.add(hearer);
        build.attachments.add(new Attachment(step, hearer));
        if (news) {
            build.later(() -> step.journal.attach(hearer));
        }
    }

    /** The step's definition is not in the index, or must not be taken from there. */
    void missed(Step step) {
        List<Build> builds = new ArrayList<>();
        lock.lock();
        try {
            if (step.state != State.LOOKING) {
                return;
            }
            step.state = State.WAITING;
            for (Hearer hearer : List.copyOf(step.hearers)) {
                List<Vertex> inputs = hearer.vertex.inputs();
                for (int i = 0; i < inputs.size(); i++) {
                    subscribe(hearer.build, inputs.get(i), step.inputs.isEmpty() ? null : step.inputs.get(i));
                }
                if (step.inputs.isEmpty()) {
                    step.inputs = inputs.stream().map(hearer.build.steps::get).toList();
                }
                builds.add(hearer.build);
            }
            step.missed = true;
            await(step);
        } finally {
            lock.unlock();
        }
        builds.forEach(Build::drain);
    }

    private void await(Step step) {
        for (Step input : step.inputs) {
            if (input.state != State.DONE && input.dependents.add(step)) {
                step.awaited++;
            }
        }
        workIfReady(step);
        step.inputs.stream().filter(input -> input.state == State.DONE).forEach(input -> compareEarly(step, input));
    }

    private void compareEarly(Step step, Step input) {
        for (int i = 0; i < step.inputs.size(); i++) {
            if (step.state == State.WAITING && step.inputs.get(i) == input && input.isNew()
                    && step.plan.op().hasContentKey(i)) {
                step.threads++;
                threads.compare(step, i);
            }
        }
    }

    private void workIfReady(Step step) {
        if (step.awaited == 0 && step.state == State.WAITING) {
            step.state = State.WORKING;
            step.threads++;
            threads.work(step);
        }
    }

    /**
     * Says which result the step is about to make.
     *
     * @return false when there is nothing to do for the caller: another step is making it, or nobody wants it
     */
    boolean takesOff(Step step, Digest execution) {
        List<Build> builds = new ArrayList<>();
        lock.lock();
        try {
            if (step.state != State.WORKING) {
                return false;
            }
            Step leader = executions.putIfAbsent(execution, step);
            if (leader == null) {
                step.execution = execution;
                return true;
            }
            step.state = State.FOLLOWING;
            step.leader = leader;
            leader.followers.add(step);
            for (Hearer hearer : step.hearers) {
                hear(hearer.build, hearer.vertex, leader, true);
                builds.add(hearer.build);
            }
        } finally {
            lock.unlock();
        }
        builds.forEach(Build::drain);
        return false;
    }

    /**
     * The step has a result.
     *
     * @param made how the result is named in the keys of executions
     * @return the step itself and those that follow it
     */
    List<Step> done(Step step, Result result, String made) {
        List<Step> all = new ArrayList<>(List.of(step));
        List<Build> builds = new ArrayList<>();
        lock.lock();
        try {
            all.addAll(step.followers);
            for (Step one : all) {
                if (!one.settled()) {
                    land(one, result, made);
                    one.hearers.forEach(hearer -> builds.add(hearer.build));
                }
            }
        } finally {
            lock.unlock();
        }
        builds.forEach(Build::drain);
        return all;
    }

    private void land(Step step, Result result, String made) {
        step.state = State.DONE;
        step.result = result;
        step.made = made;
        forgetExecution(step);
        for (Hearer hearer : step.hearers) {
            tellDone(step, hearer.build, hearer.vertex);
        }
        for (Step dependent : step.dependents) {
            dependent.awaited--;
            workIfReady(dependent);
            compareEarly(dependent, step);
        }
        step.dependents.clear();
    }

    private static void tellDone(Step step, Build build, Vertex vertex) {
        if (!step.missed && build.steps.get(vertex) == step) {
            skip(build, vertex);
        }
        if (build.plan.targets().contains(vertex)) {
            build.complete(vertex, step.result());
        }
    }

    /** Nobody needs the inputs for this vertex's sake; those that nobody else needs either are reported as cached. */
    private static void skip(Build build, Vertex settled) {
        Deque<Vertex> skipped = new ArrayDeque<>(List.of(settled));
        for (Vertex next = skipped.poll(); next != null; next = skipped.poll()) {
            for (Vertex input : next.inputs()) {
                int users = build.open.merge(input, -1, Integer::sum);
                if (users == 0 && !build.steps.containsKey(input)) {
                    build.later(() -> build.tell(listener -> listener.cached(input)));
                    skipped.add(input);
                }
            }
        }
    }

    /** The step failed; says so to its builds, unless nobody wants it any more. */
    void failed(Step step, Throwable cause) {
        List<Hearer> hearers = new ArrayList<>();
        lock.lock();
        try {
            if (step.settled()) {
                return;
            }
            fall(step);
            step.followers.forEach(this::fall);
            hearers.addAll(step.hearers);
        } finally {
            lock.unlock();
        }
        step.journal.failed(SolveFailed.describe(cause));
        hearers.forEach(hearer -> hearer.build.fail(hearer.vertex, cause));
    }

    private void fall(Step step) {
        step.state = State.FAILED;
        step.recorded.complete(null);
        forgetExecution(step);
        flights.remove(step.plan.flight(), step);
        step.hold.close();
    }

    private void forgetExecution(Step step) {
        if (step.execution != null) {
            executions.remove(step.execution, step);
        }
    }

    /** What the step made is in the index, or never will be. */
    void recorded(Step step) {
        lock.lock();
        try {
            step.recorded.complete(null);
            forgetIfUnused(step);
        } finally {
            lock.unlock();
        }
    }

    private void forgetIfUnused(Step step) {
        if (step.hearers.isEmpty() && step.recorded.isDone()) {
            flights.remove(step.plan.flight(), step);
            step.journal.close();
            step.hold.close();
        }
    }

    /** Ends when what the build's steps made is in the index. */
    CompletableFuture<Void> recorded(Build build) {
        lock.lock();
        try {
            return CompletableFuture.allOf(build.attachments.stream()
                .map(attachment -> attachment.step().recorded)
                .filter(future -> !future.isDone())
                .toArray(CompletableFuture<?>[]::new));
        } finally {
            lock.unlock();
        }
    }

    /** The build is over; returns the steps that end for it and still have a thread. */
    List<Step> leave(Build build) {
        List<Step> ending = new ArrayList<>();
        lock.lock();
        try {
            for (Attachment attachment : build.attachments) {
                Step step = attachment.step();
                step.hearers.remove(attachment.hearer());
                if (step.hearers.isEmpty()) {
                    abandon(step, ending);
                }
            }
        } finally {
            lock.unlock();
        }
        return ending;
    }

    private void abandon(Step step, List<Step> ending) {
        if (step.settled()) {
            forgetIfUnused(step);
            return;
        }
        if (step.threads > 0) {
            ending.add(step);
        }
        step.state = State.LEFT;
        step.recorded.complete(null);
        forgetExecution(step);
        forgetIfUnused(step);
        step.inputs.forEach(input -> input.dependents.remove(step));
        step.interruptible.forEach(Thread::interrupt);
    }

    /** Runs what takes long and may be interrupted when nobody wants the step any more. */
    <T> T interruptibly(Step step, Call<T> call) throws IOException, StepFailed, InterruptedException {
        lock.lock();
        try {
            if (step.settled()) {
                throw new InterruptedException("nobody wants " + step);
            }
            step.interruptible.add(Thread.currentThread());
        } finally {
            lock.unlock();
        }
        try {
            return call.run();
        } finally {
            lock.lock();
            try {
                step.interruptible.remove(Thread.currentThread());
                Thread.interrupted();
            } finally {
                lock.unlock();
            }
        }
    }

    interface Call<T> {
        T run() throws IOException, StepFailed, InterruptedException;
    }

    /** A thread that worked for the step has nothing more to do. */
    void threadEnded(Step step) {
        lock.lock();
        try {
            step.threads--;
            if (step.threads == 0 && step.state == State.LEFT) {
                step.ended.complete(null);
            }
        } finally {
            lock.unlock();
        }
    }

    /** What log lines of the step's threads say of whom it is for; of builds that share it, the one that came first. */
    Map<String, String> fields(Step step) {
        lock.lock();
        try {
            Map<String, String> build = step.hearers.isEmpty() ? Map.of() : step.hearers.getFirst().build.fields;
            return LogFields.with(build, LogFields.VERTEX, step.plan.vertex().digest().toString());
        } finally {
            lock.unlock();
        }
    }

    /** The steps of the inputs, in order; those that are DONE have results. */
    List<Step> inputs(Step step) {
        lock.lock();
        try {
            return step.inputs;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until nothing is left to be put in the index. */
    void settle() {
        List<CompletableFuture<Void>> open;
        lock.lock();
        try {
            open = flights.values().stream().filter(Step::settled).map(step -> step.recorded).toList();
        } finally {
            lock.unlock();
        }
        open.forEach(CompletableFuture::join);
    }

    /** How many steps some build holds, or the index still waits for. */
    int size() {
        lock.lock();
        try {
            return flights.size() + executions.size();
        } finally {
            lock.unlock();
        }
    }
}
