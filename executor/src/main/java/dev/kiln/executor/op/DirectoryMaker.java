package dev.kiln.executor.op;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/** Makes directories that are missing: mode 0755, and the owner that was given to all of them. */
record DirectoryMaker(Root root, Optional<Owner> owner) {
    private static final int MODE = 0755;

    /** @param path where {@link Root#follow} led: no link is on the way */
    void make(RawPath path) throws IOException, StepFailed {
        Deque<RawPath> missing = new ArrayDeque<>();
        RawPath here = path;
        while (missing(here)) {
            missing.push(here);
            here = here.parent();
        }
        for (RawPath directory : missing) {
            Posix.mkdir(directory, MODE);
            Posix.chmod(directory, MODE);
            if (owner.isPresent()) {
                Posix.chown(directory, owner.get());
            }
        }
    }

    private boolean missing(RawPath path) throws IOException, StepFailed {
        Optional<FileStat> there = Posix.lstatIfExists(path);
        if (there.isPresent() && !there.get().isDirectory()) {
            throw new StepFailed("\"" + root.inside(path) + "\": not a directory", Optional.empty());
        }
        return there.isEmpty();
    }
}
