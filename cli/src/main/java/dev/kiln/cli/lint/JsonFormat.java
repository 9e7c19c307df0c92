package dev.kiln.cli.lint;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.kiln.dockerfile.lint.Finding;
import dev.kiln.dockerfile.lint.LintReport;
import dev.kiln.dockerfile.source.SourceRange;

/**
 * The result of BuildKit's lint request: every place is a list of lines. An instruction of very many lines is one range
 * rather than one per line, which means the same.
 */
final class JsonFormat {

    private static final int MOST_LINES = 100;

    private JsonFormat() {}

    static Map<String, Object> of(LintReport report, LintedFile file) {
        Map<String, Object> document = Json.object("warnings", Json.array(report.findings(), JsonFormat::warning),
                "sources",
                List.of(Json.object("filename", file.name(), "data", file.bytes(), "language", "Dockerfile")));
        report.error()
            .ifPresent(error -> document.put("buildError",
                    Json.object("message", error.message(), "location", location(error.ranges()))));
        return document;
    }

    private static Object warning(Finding finding) {
        Map<String, Object> warning = Json.object("ruleName", finding.rule().id(), "description",
                finding.rule().description());
        finding.rule().url().ifPresent(url -> warning.put("url", url));
        warning.put("detail", finding.message());
        warning.put("location", location(List.of(finding.range())));
        return warning;
    }

    private static Map<String, Object> location(List<SourceRange> ranges) {
        return ranges.isEmpty()
                ? Json.object()
                : Json.object("ranges", ranges.stream().flatMap(JsonFormat::lines).distinct().toList());
    }

    private static Stream<Object> lines(SourceRange range) {
        if (range.endLine() - range.startLine() >= MOST_LINES) {
            return Stream.of(lines(range.startLine(), range.endLine()));
        }
        return IntStream.rangeClosed(range.startLine(), range.endLine()).mapToObj(line -> lines(line, line));
    }

    private static Object lines(int start, int end) {
        return Json.object("start", Json.object("line", start), "end", Json.object("line", end));
    }
}
