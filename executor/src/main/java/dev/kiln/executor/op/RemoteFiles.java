package dev.kiln.executor.op;

import java.io.IOException;
import java.nio.file.Path;

import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.solver.Op.StepLog;
import dev.kiln.executor.solver.StepFailed;

/** Brings in what lies at addresses. For one build: it knows the build's secrets. Safe for many threads. */
public interface RemoteFiles {

    /**
     * Puts the files of the commit into an empty directory, which is the root of a new layer.
     *
     * @param log takes what git says, without secrets
     * @throws StepFailed when the commit or the subdirectory is not there any more
     */
    void checkOut(OpSpec.Git commit, Path into, StepLog log) throws IOException, StepFailed, InterruptedException;

    /** Makes sure that the content is in the content store: it may have been collected since it was looked up. */
    void fetch(OpSpec.Http file) throws IOException, StepFailed, InterruptedException;
}
