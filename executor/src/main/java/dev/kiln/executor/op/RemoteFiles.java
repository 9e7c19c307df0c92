package dev.kiln.executor.op;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.solver.Op.StepLog;
import dev.kiln.executor.solver.StepFailed;

/** Brings in what lies at addresses. For one build: it knows the build's secrets. Safe for many threads. */
public interface RemoteFiles {
    /** Knows no way to anywhere. */
    RemoteFiles NONE = new RemoteFiles() {
        @Override
        public void checkOut(OpSpec.Git commit, Path into, StepLog log) throws StepFailed {
            throw new StepFailed("this executor does not fetch from git: " + commit.remote(), Optional.empty());
        }

        @Override
        public void fetch(OpSpec.Http file) throws StepFailed {
            throw new StepFailed("this executor does not download: " + file.name(), Optional.empty());
        }
    };

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
