package dev.kiln.executor.op;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

import dev.kiln.dockerfile.ignore.IgnoreFileException;
import dev.kiln.dockerfile.ignore.IgnorePatterns;
import dev.kiln.dockerfile.ignore.IgnorePatterns.Said;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.posix.RawPath;

/**
 * Which files in a source directory a copy takes: those that {@code --parents} names, less those that {@code --exclude}
 * names. Both are asked about paths from the source directory.
 */
final class PathFilter {
    static final PathFilter EVERYTHING = new PathFilter(Optional.empty(), Optional.empty());

    private final Optional<IgnorePatterns> wanted;
    private final Optional<IgnorePatterns> excluded;

    private PathFilter(Optional<IgnorePatterns> wanted, Optional<IgnorePatterns> excluded) {
        this.wanted = wanted;
        this.excluded = excluded;
    }

    /** @param below what is wanted; absent for everything */
    static PathFilter of(Optional<String> below, List<String> excludes) throws StepFailed {
        if (below.isEmpty() && excludes.isEmpty()) {
            return EVERYTHING;
        }
        Optional<IgnorePatterns> wanted = below.isEmpty()
                ? Optional.empty()
                : Optional.of(patterns("includepatterns", List.of(below.get())));
        return new PathFilter(wanted,
                excludes.isEmpty() ? Optional.empty() : Optional.of(patterns("excludepatterns", excludes)));
    }

    private static IgnorePatterns patterns(String what, List<String> patterns) throws StepFailed {
        try {
            return IgnorePatterns.of(patterns);
        } catch (IgnoreFileException e) {
            throw new StepFailed("invalid " + what + ": " + patterns + ": "
                    + (e.code() == IgnoreFileException.Code.PATTERN
                            ? "syntax error in pattern"
                            : e.getMessage()),
                    Optional.empty());
        }
    }

    /**
     * What is known of one path; what is below builds upon it.
     *
     * @param taken whether it is copied
     * @param search whether, for a directory that is not taken, something below it may be
     */
    record Verdict(String path, Said wanted, Said excluded, boolean taken, boolean search) {
        private static final Verdict TOP = new Verdict("", Said.NOTHING, Said.NOTHING, true, true);
    }

    /** Of the source directory itself. */
    Verdict top() {
        return Verdict.TOP;
    }

    Verdict within(Verdict directory, RawPath name) {
        if (wanted.isEmpty() && excluded.isEmpty()) {
            return Verdict.TOP;
        }
        String own = new String(name.bytes(), StandardCharsets.UTF_8);
        String path = directory.path.isEmpty() ? own : directory.path + "/" + own;
        boolean taken = true;
        boolean search = true;
        Said in = Said.NOTHING;
        if (wanted.isPresent()) {
            in = wanted.get().within(directory.wanted, path);
            taken = in.ignored();
            search = taken || wanted.get().mayMatchBelow(path);
        }
        Said out = Said.NOTHING;
        if (excluded.isPresent()) {
            out = excluded.get().within(directory.excluded, path);
            taken = taken && !out.ignored();
            search = search && (!out.ignored() || excluded.get().hasExceptions());
        }
        return new Verdict(path, in, out, taken, search);
    }
}
