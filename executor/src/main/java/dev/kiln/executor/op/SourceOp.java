package dev.kiln.executor.op;

import java.io.IOException;
import java.util.List;

import dev.kiln.executor.solver.Op;
import dev.kiln.executor.solver.Result;
import dev.kiln.executor.solver.StepFailed;

/** An op without inputs that only names what is there: nothing to look up, and nothing to run. */
abstract class SourceOp implements Op {

    abstract Result name() throws IOException, InterruptedException;

    @Override
    public final boolean cacheable() {
        return false;
    }

    @Override
    public final Result execute(List<Result> inputs, StepLog log) throws IOException, StepFailed, InterruptedException {
        return name();
    }
}
