package dev.kiln.executor.op;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.solver.Op;
import dev.kiln.executor.solver.Result;
import dev.kiln.executor.solver.StepFailed;

/**
 * The files of a commit as a layer. The commit says what they are, wherever it is from; only {@code .git} tells where that
 * was and under which name.
 */
final class GitOp implements Op {
    private final OpSpec.Git spec;
    private final StepTools tools;
    private final RemoteFiles remote;

    GitOp(OpSpec.Git spec, StepTools tools, RemoteFiles remote) {
        this.spec = spec;
        this.tools = tools;
        this.remote = remote;
    }

    @Override
    public Map<String, String> preimage() {
        Map<String, String> preimage = new LinkedHashMap<>();
        preimage.put("op", "git");
        preimage.put("commit", spec.commit());
        preimage.put("subdirectory", spec.subdirectory());
        preimage.put("submodules", Boolean.toString(spec.submodules()));
        preimage.put("commitTimes", Boolean.toString(spec.commitTimes()));
        if (spec.keepGitDirectory()) {
            preimage.put("remote", spec.remote());
            preimage.put("ref", spec.ref());
        }
        return preimage;
    }

    @Override
    public boolean cacheable() {
        return true;
    }

    @Override
    public Result execute(List<Result> inputs, StepLog log) throws IOException, StepFailed, InterruptedException {
        return tools.layers().over(new Result(List.of()), view -> remote.checkOut(spec, view.root(), log));
    }
}
