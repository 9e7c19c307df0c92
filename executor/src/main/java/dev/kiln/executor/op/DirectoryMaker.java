package dev.kiln.executor.op;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * Makes directories that are missing, all of them alike.
 *
 * @param modified the time that they get; absent means now
 */
record DirectoryMaker(Root root, int mode, Optional<Owner> owner, Optional<Instant> modified) {
    static final int USUAL_MODE = 0755;

    /**
     * @param path where {@link Root#follow} led: no link is on the way
     * @return whether the directory was not there
     */
    boolean make(RawPath path) throws IOException, StepFailed {
        Deque<RawPath> missing = new ArrayDeque<>();
        RawPath here = path;
        while (missing(here)) {
            missing.push(here);
            here = here.parent();
        }
        for (RawPath directory : missing) {
            Posix.mkdir(directory, mode);
            if (owner.isPresent()) {
                Posix.chown(directory, owner.get());
            }
            Posix.chmod(directory, mode);
        }
        if (modified.isPresent()) {
            // Making a directory changes the time of the one that it is in.
            for (RawPath directory : missing) {
                Posix.setModified(directory, modified.get());
            }
        }
        return !missing.isEmpty();
    }

    private boolean missing(RawPath path) throws IOException, StepFailed {
        Optional<FileStat> there = Posix.lstatIfExists(path);
        if (there.isPresent() && !there.get().isDirectory()) {
            throw new StepFailed("mkdir " + root.inside(path) + ": not a directory", Optional.empty());
        }
        return there.isEmpty();
    }
}
