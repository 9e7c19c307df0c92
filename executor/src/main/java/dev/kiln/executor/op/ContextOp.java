package dev.kiln.executor.op;

import java.util.Map;

import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.solver.Result;

/** The build's context: fetched and unpacked by the first step that looks into it. */
final class ContextOp extends SourceOp {
    private final OpSpec.Context spec;

    ContextOp(OpSpec.Context spec) {
        this.spec = spec;
    }

    @Override
    public Map<String, String> preimage() {
        return Map.of("op", "context", "archive", spec.archive().toString());
    }

    @Override
    Result name() {
        return Result.ofTree(spec.archive());
    }
}
