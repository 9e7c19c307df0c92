package dev.kiln.executor.op;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.solver.Op;
import dev.kiln.executor.solver.Result;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.posix.FileStat.Owner;

/** WORKDIR: the directory and what is missing on the way to it. What is there stays as it is. */
final class MakeDirectoryOp implements Op {
    private final OpSpec.MakeDirectory spec;
    private final StepTools tools;

    MakeDirectoryOp(OpSpec.MakeDirectory spec, StepTools tools) {
        this.spec = spec;
        this.tools = tools;
    }

    @Override
    public Map<String, String> preimage() {
        Map<String, String> preimage = new LinkedHashMap<>();
        preimage.put("op", "make directory");
        preimage.put("path", spec.path());
        preimage.put("owner", spec.owner().orElse(""));
        spec.modified().ifPresent(modified -> preimage.put("modified", modified.toString()));
        return preimage;
    }

    @Override
    public boolean cacheable() {
        return true;
    }

    @Override
    public Result execute(List<Result> inputs, StepLog log) throws IOException, StepFailed, InterruptedException {
        return tools.layers().over(inputs.getFirst(), view -> makeIn(Root.of(view.root())));
    }

    private void makeIn(Root root) throws IOException, StepFailed {
        // A USER that the image does not know yet is no error before something runs as it.
        Optional<Owner> owner = spec.owner().isEmpty()
                ? Optional.empty()
                : Optional.of(new Accounts(root).find(spec.owner().get()).owner());
        DirectoryMaker directories = new DirectoryMaker(root, DirectoryMaker.USUAL_MODE, owner, spec.modified());
        boolean _ = directories.make(root.follow(spec.path()));
    }
}
