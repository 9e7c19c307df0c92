package dev.kiln.executor.buildkit;

import java.util.List;
import java.util.Optional;

/**
 * Which files a step takes of an input.
 *
 * @param path absolute and clean; {@code /} is all
 * @param wildcard whether {@code path} is a pattern
 * @param followLinks whether a link that {@code path} itself is leads on
 * @param include a pattern below {@code path}: only what matches is taken
 * @param excludes patterns below {@code path}
 */
public record FileSelector(String path, boolean wildcard, boolean followLinks, Optional<String> include,
        List<String> excludes) {

    public FileSelector {
        excludes = List.copyOf(excludes);
    }

    /** One path, taken whole. */
    static FileSelector whole(String path, boolean followLinks) {
        return new FileSelector(path, false, followLinks, Optional.empty(), List.of());
    }

    /** Whether files are picked one by one. */
    public boolean picks() {
        return wildcard || include.isPresent() || !excludes.isEmpty();
    }
}
