package dev.kiln.executor.solver;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

import dev.kiln.executor.graph.BuildGraph;

/** A build that is being solved on a thread of its own. */
final class RunningBuild {
    final RecordingListener listener = new RecordingListener();
    private final FutureTask<Solution> task;
    private final Thread thread;

    RunningBuild(Solver solver, BuildGraph graph, OpResolver ops) {
        Callable<Solution> solve = () -> solver.solve(graph, ops, listener);
        task = new FutureTask<>(solve);
        thread = Thread.ofVirtual().start(task);
    }

    /** Waits for the end; everything made is in the index then. */
    Result result() throws Exception {
        try {
            Solution solution = task.get();
            solution.recorded().join();
            return solution.result();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** Cancels the build; when this returns it has ended. */
    void cancel() throws InterruptedException {
        thread.interrupt();
        thread.join();
    }
}
