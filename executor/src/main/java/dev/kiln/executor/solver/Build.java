package dev.kiln.executor.solver;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

import dev.kiln.executor.graph.Vertex;
import dev.kiln.executor.logging.LogFields;
import dev.kiln.executor.solver.StepJournal.Hearer;

/** One build under way: which steps it holds, and who hears of them. Fields without a word are guarded by {@link Flights}. */
final class Build {
    final Plan plan;
    final Map<Vertex, Step> steps = new HashMap<>();
    final List<Attachment> attachments = new ArrayList<>();
    /** Of targets that are done. */
    private final Map<Vertex, Result> results = new HashMap<>();
    /** How many users of a vertex might still ask for its result. */
    final Map<Vertex, Integer> open;

    /** What log lines say of the build. */
    final Map<String, String> fields = LogFields.here();
    private final SolveListener listener;
    private final CompletableFuture<Map<Vertex, Result>> outcome = new CompletableFuture<>();
    private final Queue<Runnable> news = new ConcurrentLinkedQueue<>();
    private final ReentrantLock telling = new ReentrantLock();

    /** That a step counts this build among its hearers. */
    record Attachment(Step step, Hearer hearer) {}

    Build(Plan plan, SolveListener listener) {
        this.plan = plan;
        this.listener = listener;
        open = new HashMap<>(plan.users());
    }

    void complete(Vertex target, Result result) {
        results.put(target, result);
        if (results.size() == plan.targets().size()) {
            outcome.complete(Map.copyOf(results));
        }
    }

    void fail(Vertex vertex, Throwable cause) {
        outcome.completeExceptionally(new SolveFailed(vertex, cause));
    }

    /** The result of each target. */
    Map<Vertex, Result> await() throws SolveFailed, InterruptedException {
        try {
            return outcome.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case SolveFailed failed -> throw failed;
                case RuntimeException bug -> throw bug;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }

    /** Calls the listener; one that throws ends its own build and nobody else's. */
    void tell(Consumer<SolveListener> call) {
        try {
            call.accept(listener);
        } catch (RuntimeException e) {
            outcome.completeExceptionally(e);
        }
    }

    /** Has something told after the lock of {@link Flights} was given back, by whoever comes to {@link #drain} first. */
    void later(Runnable task) {
        news.add(task);
    }

    /** Returns when everything that was put off before the call has been told. */
    void drain() {
        telling.lock();
        try {
            for (Runnable next = news.poll(); next != null; next = news.poll()) {
                next.run();
            }
        } finally {
            telling.unlock();
        }
    }
}
