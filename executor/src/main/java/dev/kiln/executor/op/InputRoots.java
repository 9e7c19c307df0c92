package dev.kiln.executor.op;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.kiln.executor.mount.Mounter.Mounted;
import dev.kiln.executor.solver.Result;
import dev.kiln.executor.solver.StepFailed;

/** The files of a step's inputs, each as a root, for as long as this is open. For one thread. */
final class InputRoots implements AutoCloseable {
    private final StepTools tools;
    private final Map<Integer, Root> roots = new HashMap<>();
    private final List<Open> open = new ArrayList<>();

    private interface Open {
        void close() throws IOException;
    }

    InputRoots(StepTools tools) {
        this.tools = tools;
    }

    /** Brings in the files of an input, unless that was done before. */
    Root open(int input, Result result) throws IOException, StepFailed, InterruptedException {
        Root known = roots.get(input);
        if (known != null) {
            return known;
        }
        Root root;
        if (result.tree().isPresent()) {
            ContextTrees.Tree tree = tools.sources().contexts().open(result.tree().get());
            open.add(tree::close);
            root = Root.of(tree.root(), tree.known());
        } else {
            Mounted mounted = tools.snapshots().view(tools.stacks().of(result));
            open.add(mounted::close);
            root = Root.of(mounted.target());
        }
        roots.put(input, root);
        return root;
    }

    /** The files of an input that was opened. */
    Root of(int input) {
        Root root = roots.get(input);
        if (root == null) {
            throw new IllegalArgumentException("input " + input + " was not opened");
        }
        return root;
    }

    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (Open one : open.reversed()) {
            try {
                one.close();
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        open.clear();
        if (failure != null) {
            throw failure;
        }
    }
}
