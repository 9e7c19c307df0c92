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
 * @param error what kept it from checking the rest, if anything did, or else the violation
 * @param violation why a build fails in which all else is well: the file, or the build argument in its place, says that
 *        findings fail it, and there are some; or what is said there makes no sense
 * @param unknownBases the base images whose environment would have to be known to tell whether some variable is defined
 */
public record LintReport(List<Finding> findings, Optional<LintError> error, Optional<String> violation,
        Set<String> unknownBases) {

    public LintReport {
        findings = List.copyOf(findings);
        unknownBases = Collections.unmodifiableSet(new LinkedHashSet<>(unknownBases));
    }

    /** A report in which findings are a violation if {@code failOnFindings} says so. */
    static LintReport of(List<Finding> findings, Optional<LintError> error, boolean failOnFindings,
            Set<String> unknownBases) {
        Optional<String> violation = failOnFindings && !findings.isEmpty()
                ? Optional.of("lint violation found for rules: " + rules(findings))
                : Optional.empty();
        return new LintReport(findings, error.or(() -> violation.map(text -> new LintError(text, List.of()))),
                violation, unknownBases);
    }

    /** What is to be said of a file that was checked several times, for other platforms: the same is said once. */
    public static LintReport together(List<LintReport> reports) {
        Set<String> unknownBases = new LinkedHashSet<>();
        reports.forEach(report -> unknownBases.addAll(report.unknownBases));
        return new LintReport(reports.stream().flatMap(report -> report.findings.stream()).distinct().toList(),
                reports.stream().flatMap(report -> report.error.stream()).findFirst(),
                reports.stream().flatMap(report -> report.violation.stream()).findFirst(), unknownBases);
    }

    /** In alphabetical order. */
    private static String rules(List<Finding> findings) {
        return findings.stream()
            .map(finding -> finding.rule().id())
            .distinct()
            .sorted()
            .collect(Collectors.joining(", "));
    }

    /** Whether a build of the file has to fail even if nothing else is wrong. */
    public boolean failsBuild() {
        return violation.isPresent();
    }
}
