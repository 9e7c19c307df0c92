package dev.kiln.dockerfile.lint;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the linter has to say about one file.
 *
 * @param findings in the order in which BuildKit reports them
 * @param error what kept it from checking the rest, if anything did
 * @param failOnFindings whether the file, or the build argument in its place, says that findings fail the build
 * @param unknownBases the base images whose environment would have to be known to tell whether some variable is defined
 */
public record LintReport(List<Finding> findings, Optional<LintError> error, boolean failOnFindings,
        Set<String> unknownBases) {

    public LintReport {
        findings = List.copyOf(findings);
        unknownBases = Collections.unmodifiableSet(new LinkedHashSet<>(unknownBases));
    }

    /** Whether a build of the file has to fail because of its findings. */
    public boolean failsBuild() {
        return failOnFindings && !findings.isEmpty();
    }

    /** Why, if it has to; the rules in alphabetical order. */
    public Optional<String> violation() {
        if (!failsBuild()) {
            return Optional.empty();
        }
        String rules = findings.stream()
            .map(finding -> finding.rule().id())
            .distinct()
            .sorted()
            .collect(Collectors.joining(", "));
        return Optional.of("lint violation found for rules: " + rules);
    }
}
