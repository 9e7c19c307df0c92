package dev.kiln.executor.op;

import java.io.IOException;
import java.nio.file.Path;

import dev.kiln.executor.mount.Mounter.Mounted;
import dev.kiln.executor.snapshot.Snapshotter;
import dev.kiln.executor.solver.Result;
import dev.kiln.executor.solver.StepFailed;

/**
 * The files of a result as a directory to be written over; what is written is thrown away when this is closed.
 *
 * @param closing gives back what was opened
 */
record ScratchFiles(Path directory, Closing closing) implements AutoCloseable {

    interface Closing {
        void run() throws IOException;
    }

    static ScratchFiles of(Result result, StepTools tools) throws IOException, StepFailed, InterruptedException {
        if (result.tree().isEmpty()) {
            Snapshotter.Active view = tools.snapshots().begin(tools.stacks().of(result));
            return new ScratchFiles(view.root(), view::close);
        }
        ContextTrees.Tree tree = tools.sources().contexts().open(result.tree().get());
        try {
            Mounted scratch = tools.snapshots().scratch(tree.root());
            return new ScratchFiles(scratch.target(), () -> {
                try (tree) {
                    scratch.close();
                }
            });
        } catch (IOException | RuntimeException e) {
            tree.close();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        closing.run();
    }
}
