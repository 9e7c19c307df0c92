package dev.kiln.executor.op;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import dev.kiln.executor.solver.Op;
import dev.kiln.executor.solver.Result;

/** Layers on top of layers: made of names alone, so the files of neither are needed. */
final class MergeOp implements Op {

    @Override
    public Map<String, String> preimage() {
        return Map.of("op", "merge");
    }

    @Override
    public boolean cacheable() {
        return false;
    }

    @Override
    public Result execute(List<Result> inputs, StepLog log) {
        List<Result.Layer> layers = new ArrayList<>(inputs.getFirst().layers());
        layers.addAll(inputs.getLast().layers());
        return new Result(layers);
    }
}
