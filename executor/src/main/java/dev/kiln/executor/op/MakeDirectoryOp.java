package dev.kiln.executor.op;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.solver.Op;
import dev.kiln.executor.solver.Result;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.oci.Digest;
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
        return Map.of("op", "make directory", "path", spec.path(), "owner", spec.owner().orElse(""));
    }

    @Override
    public boolean hasContentKey(int input) {
        return false;
    }

    @Override
    public Optional<Digest> contentKey(int input, Result result) {
        return Optional.empty();
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
                : Optional.of(new Accounts(root).find(spec.owner().get(), Accounts.Unknown.IS_ROOT));
        new DirectoryMaker(root, owner).make(root.follow(spec.path()));
    }
}
