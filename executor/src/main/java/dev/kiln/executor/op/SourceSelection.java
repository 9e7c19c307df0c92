package dev.kiln.executor.op;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.posix.DirEntry;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * Which files a source of COPY means. A pattern is cut at the first part with a wildcard; links are followed up to there,
 * and the rest is matched against the names below, without following links; a directory that matches is taken whole. A
 * pattern may match nothing, but what stands before its first wildcard must be there.
 */
final class SourceSelection {
    private final Root root;

    SourceSelection(Root root) {
        this.root = root;
    }

    /**
     * A file to copy.
     *
     * @param name as the source or the match names it, relative to the root; its last part is the file's name in a
     *        directory that it is copied to
     * @param file where it is, links followed
     */
    record Selected(RawPath name, RawPath file, FileStat stat) {}

    List<Selected> matches(String pattern) throws IOException, StepFailed, InterruptedException {
        List<String> parts = Arrays.asList(pattern.split("/"));
        int plain = 0;
        while (!GoPattern.isPattern(parts.get(plain))) {
            plain++;
        }
        Walk walk = new Walk(parts.subList(plain, parts.size()));
        RawPath base = RawPath.ofUtf8(String.join("/", parts.subList(0, plain)));
        RawPath directory = root.follow(base);
        FileStat stat = Posix.lstatIfExists(directory).orElseThrow(() -> missing(base.toString()));
        List<Selected> found = new ArrayList<>();
        for (RawPath name : stat.isDirectory() ? walk.matches(directory) : List.<RawPath>of()) {
            RawPath path = base.resolve(name);
            found.add(find(path).orElseThrow(() -> missing(path.toString())));
        }
        return found;
    }

    /** The file that the path leads to, when there is one. */
    Optional<Selected> find(RawPath path) throws IOException, StepFailed {
        RawPath file = root.follow(path);
        return Posix.lstatIfExists(file).map(stat -> new Selected(path, file, stat));
    }

    static StepFailed missing(String path) {
        return new StepFailed("lstat /" + path + ": no such file or directory", Optional.empty());
    }

    /** A walk in the order of names through what can match. */
    private static final class Walk {
        private final GoPattern whole;
        /** What the first parts of a path must match for anything below to match; unknown when a class may be a slash. */
        private final List<GoPattern> prefixes = new ArrayList<>();
        private final boolean bounded;
        private final List<RawPath> matches = new ArrayList<>();

        Walk(List<String> parts) throws StepFailed {
            String pattern = String.join("/", parts);
            try {
                whole = GoPattern.compile(pattern);
                bounded = pattern.indexOf('[') < 0;
                for (int i = 1; bounded && i < parts.size(); i++) {
                    prefixes.add(GoPattern.compile(String.join("/", parts.subList(0, i))));
                }
            } catch (IllegalArgumentException e) {
                throw new StepFailed("\"" + pattern + "\": " + e.getMessage(), Optional.empty());
            }
        }

        List<RawPath> matches(RawPath base) throws IOException, InterruptedException {
            visit(base, RawPath.ofUtf8(""), 0);
            return matches;
        }

        private void visit(RawPath directory, RawPath path, int depth) throws IOException, InterruptedException {
            for (DirEntry entry : FileOrder.sorted(Posix.list(directory))) {
                FileThreads.checkInterrupt();
                RawPath name = path.resolve(entry.name());
                if (whole.matches(name)) {
                    matches.add(name);
                } else if (entry.type() == FileType.DIRECTORY && mayMatchBelow(name, depth)) {
                    visit(directory.resolve(entry.name()), name, depth + 1);
                }
            }
        }

        private boolean mayMatchBelow(RawPath name, int depth) {
            return !bounded || depth < prefixes.size() && prefixes.get(depth).matches(name);
        }
    }
}
