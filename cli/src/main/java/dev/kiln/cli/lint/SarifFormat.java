package dev.kiln.cli.lint;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.dockerfile.lint.Finding;
import dev.kiln.dockerfile.lint.LintError;
import dev.kiln.dockerfile.lint.LintReport;
import dev.kiln.dockerfile.lint.Rule;
import dev.kiln.dockerfile.source.SourceRange;

/**
 * SARIF 2.1.0: one run with the catalogue of rules. An error in the file is a notification of a run that did not succeed;
 * that findings would fail a build is none.
 */
final class SarifFormat {

    private static final String SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

    private SarifFormat() {}

    static Map<String, Object> of(LintReport report, LintedFile file) {
        Map<String, Object> run = Json.object("tool", Json.object("driver", driver()), "columnKind", "utf16CodeUnits",
                "artifacts", List.of(Json.object("location", artifact(file), "sourceLanguage", "dockerfile")),
                "invocations", List.of(invocation(report, file)), "results",
                Json.array(report.findings(), finding -> result(finding, file)));
        return Json.object("$schema", SCHEMA, "version", "2.1.0", "runs", List.of(run));
    }

    private static Map<String, Object> driver() {
        return Json.object("name", "kiln lint", "rules", Arrays.stream(Rule.values()).map(SarifFormat::rule).toList());
    }

    private static Map<String, Object> rule(Rule rule) {
        Map<String, Object> description = Json.object("id", rule.id(), "name", rule.id(), "shortDescription",
                Json.object("text", rule.description()), "defaultConfiguration",
                Json.object("level", "warning", "enabled", !rule.experimental()));
        rule.url().ifPresent(url -> description.put("helpUri", url));
        return description;
    }

    private static Map<String, Object> invocation(LintReport report, LintedFile file) {
        Optional<LintError> failure = report.error()
            .filter(error -> report.findings().isEmpty() || !report.violation().equals(Optional.of(error.message())));
        Map<String, Object> invocation = Json.object("executionSuccessful", failure.isEmpty());
        failure.ifPresent(error -> invocation.put("toolExecutionNotifications", List.of(error(error, file))));
        return invocation;
    }

    private static Map<String, Object> error(LintError error, LintedFile file) {
        return Json.object("level", "error", "message", Json.object("text", error.message()), "locations",
                error.ranges().stream().distinct().map(range -> location(range, file)).toList());
    }

    private static Object result(Finding finding, LintedFile file) {
        return Json.object("ruleId", finding.rule().id(), "ruleIndex", finding.rule().ordinal(), "level", "warning",
                "message", Json.object("text", finding.message()), "locations",
                List.of(location(finding.range(), file)));
    }

    private static Map<String, Object> location(SourceRange range, LintedFile file) {
        Map<String, Object> artifact = artifact(file);
        artifact.put("index", 0);
        return Json.object("physicalLocation", Json.object("artifactLocation", artifact, "region",
                Json.object("startLine", range.startLine(), "startColumn", range.startColumn(), "endLine",
                        range.endLine(), "endColumn", range.endColumn())));
    }

    private static Map<String, Object> artifact(LintedFile file) {
        return Json.object("uri", uri(file.name()));
    }

    /** A relative name stays relative, so that the report means the same in another checkout. */
    private static String uri(String name) {
        try {
            return new URI(name.startsWith("/") ? "file" : null, null, name.startsWith("/") ? name : "/" + name, null)
                .toASCIIString()
                .substring(name.startsWith("/") ? 0 : 1);
        } catch (URISyntaxException impossible) {
            throw new IllegalArgumentException("not the name of a file: " + name, impossible);
        }
    }
}
