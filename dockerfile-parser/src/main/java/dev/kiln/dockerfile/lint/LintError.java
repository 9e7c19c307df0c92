package dev.kiln.dockerfile.lint;

import java.util.List;

import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.SourceRange;

/**
 * What ended the check before the end of the file, or what fails a build in which all else is well.
 *
 * @param message as BuildKit words it
 * @param ranges innermost first; empty if no place is known
 */
public record LintError(String message, List<SourceRange> ranges) {

    public LintError {
        ranges = List.copyOf(ranges);
    }

    static LintError of(DockerfileException failed) {
        return new LintError(failed.message(), failed.ranges());
    }
}
