package dev.kiln.executor.op;

import java.util.List;
import java.util.Map;

import dev.kiln.executor.solver.Result;

/** No files at all. */
final class ScratchOp extends SourceOp {

    @Override
    public Map<String, String> preimage() {
        return Map.of("op", "scratch");
    }

    @Override
    Result name() {
        return new Result(List.of());
    }
}
