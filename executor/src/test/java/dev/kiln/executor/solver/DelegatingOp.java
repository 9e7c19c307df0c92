package dev.kiln.executor.solver;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.layercache.oci.Digest;

class DelegatingOp implements Op {
    private final Op op;

    DelegatingOp(Op op) {
        this.op = op;
    }

    @Override
    public Map<String, String> preimage() {
        return op.preimage();
    }

    @Override
    public boolean hasContentKey(int input) {
        return op.hasContentKey(input);
    }

    @Override
    public Optional<Digest> contentKey(int input, Result result) throws IOException, StepFailed, InterruptedException {
        return op.contentKey(input, result);
    }

    @Override
    public boolean cacheable() {
        return op.cacheable();
    }

    @Override
    public Result execute(List<Result> inputs, StepLog log) throws IOException, StepFailed, InterruptedException {
        return op.execute(inputs, log);
    }
}
