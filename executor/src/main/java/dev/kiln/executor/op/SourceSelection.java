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
 * Which files a source of COPY means. A plain path is one file, which must be there. A pattern is cut at the first part
 * with a wildcard; links are followed up to there, and the rest is matched against the names below, without following
 * links; a directory that matches is taken whole. A pattern may match nothing.
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

    List<Selected> select(String source) throws IOException, StepFailed, InterruptedException {
        if (!GoPattern.isPattern(source)) {
            return List.of(selected(RawPath.ofUtf8(source)));
        }
        List<String> parts = Arrays.asList(source.split("/"));
        int plain = 0;
        while (!GoPattern.isPattern(parts.get(plain))) {
            plain++;
        }
        RawPath base = RawPath.ofUtf8(String.join("/", parts.subList(0, plain)));
        List<String> rest = parts.subList(plain, parts.size());
        List<RawPath> names = new Walk(rest).matches(root.follow(base));
        List<Selected> found = new ArrayList<>();
        for (RawPath name : names) {
            found.add(selected(base.resolve(name)));
        }
        return found;
    }

    private Selected selected(RawPath name) throws IOException, StepFailed {
        RawPath file = root.follow(name);
        FileStat stat = Posix.lstatIfExists(file)
            .orElseThrow(() -> new StepFailed("\"/" + name + "\": not found", Optional.empty()));
        return new Selected(name, file, stat);
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
            if (Posix.lstatIfExists(base).filter(FileStat::isDirectory).isPresent()) {
                visit(base, RawPath.ofUtf8(""), 0);
            }
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
