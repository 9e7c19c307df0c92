package dev.kiln.executor.op;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import dev.kiln.executor.op.PathFilter.Verdict;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.posix.DirEntry;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * A walk through what a copy takes of a directory, in the order of names; links are not followed. A directory that is not
 * taken itself is entered when something below it is, and no sooner.
 */
final class TreeWalk {
    private final PathFilter filter;
    private final Visitor visitor;
    /** The directories that lead to where the walk is. */
    private final List<Entry> way = new ArrayList<>();
    private int entered;
    private boolean foundAny;

    /** @param taken false for a directory that is only on the way to something */
    record Entry(RawPath name, RawPath file, FileStat stat, boolean taken) {}

    interface Visitor {
        /** What is in the directory comes next. */
        void enter(Entry directory) throws IOException, StepFailed, InterruptedException;

        void leave(Entry directory) throws IOException, StepFailed, InterruptedException;

        /** Anything but a directory. */
        void file(Entry file) throws IOException, StepFailed, InterruptedException;
    }

    TreeWalk(PathFilter filter, Visitor visitor) {
        this.filter = filter;
        this.visitor = visitor;
    }

    /** True when anything was visited. */
    boolean walk(RawPath directory) throws IOException, StepFailed, InterruptedException {
        entries(directory, filter.top());
        return foundAny;
    }

    private void entries(RawPath directory, Verdict said) throws IOException, StepFailed, InterruptedException {
        for (DirEntry entry : FileOrder.sorted(Posix.list(directory))) {
            FileThreads.checkInterrupt();
            Verdict verdict = filter.within(said, entry.name());
            if (!verdict.taken() && !(entry.type() == FileType.DIRECTORY && verdict.search())) {
                continue;
            }
            RawPath file = directory.resolve(entry.name());
            Entry found = new Entry(entry.name(), file, Posix.lstat(file), verdict.taken());
            if (found.stat().isDirectory()) {
                directory(found, verdict);
            } else {
                enterWay();
                visitor.file(found);
            }
        }
    }

    private void directory(Entry directory, Verdict verdict) throws IOException, StepFailed, InterruptedException {
        way.add(directory);
        if (directory.taken()) {
            enterWay();
        }
        entries(directory.file(), verdict);
        if (entered == way.size()) {
            entered--;
            visitor.leave(directory);
        }
        way.removeLast();
    }

    private void enterWay() throws IOException, StepFailed, InterruptedException {
        foundAny = true;
        while (entered < way.size()) {
            visitor.enter(way.get(entered));
            entered++;
        }
    }
}
