package dev.kiln.cli.lint;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;

import dev.kiln.cli.progress.Printable;
import dev.kiln.dockerfile.lint.Finding;
import dev.kiln.dockerfile.lint.LintError;
import dev.kiln.dockerfile.lint.LintReport;
import dev.kiln.dockerfile.source.SourceRange;

/** Findings in the order of the lines, each with those lines, as {@code docker buildx build --check} prints them. */
final class HumanFormat {

    private static final String RULE = "--------------------";
    private static final int MOST_LINES = 40;
    private static final int LONGEST_LINE = 240;

    private final LintedFile file;
    private final PrintWriter out;
    private final PrintWriter err;
    private final List<String> lines;

    HumanFormat(LintedFile file, PrintWriter out, PrintWriter err) {
        this.file = file;
        this.out = out;
        this.err = err;
        this.lines = List.of(new String(file.bytes(), StandardCharsets.UTF_8).split("\n", -1));
    }

    void print(LintReport report) {
        int count = report.findings().size();
        if (count > 0 || report.error().isEmpty()) {
            out.println("Check complete, " + (count == 0
                    ? "no warnings found."
                    : count + (count == 1 ? " warning has" : " warnings have") + " been found!"));
        }
        report.findings()
            .stream()
            .sorted(Comparator.comparingInt(finding -> finding.range().startLine()))
            .forEach(this::print);
        out.flush();
        report.error().ifPresent(this::print);
        if (!report.unknownBases().isEmpty()) {
            err.println(Printable
                .line("kiln: not looked at, because only a build knows the base image: whether variables that "
                        + String.join(", ", report.unknownBases()) + " may define are defined"));
        }
        err.flush();
    }

    private void print(Finding finding) {
        out.println();
        out.println("WARNING: " + finding.rule().id() + finding.rule().url().map(url -> " - " + url).orElse(""));
        out.println(clipped(finding.message()));
        excerpt(List.of(finding.range()), out);
    }

    private void print(LintError error) {
        err.println("ERROR: " + clipped(error.message()));
        excerpt(error.ranges(), err);
    }

    private void excerpt(List<SourceRange> ranges, PrintWriter to) {
        if (ranges.isEmpty()) {
            return;
        }
        int first = ranges.stream().mapToInt(SourceRange::startLine).min().orElseThrow();
        int last = Math.min(ranges.stream().mapToInt(SourceRange::endLine).max().orElseThrow(), lines.size());
        // As many lines around it as BuildKit shows: more around a single line, fewer at either end of the file.
        int from = first;
        int until = last;
        int around = first == last ? 4 : 2;
        for (int shown = 0; shown < around; shown++) {
            if (from > 1) {
                from--;
                shown++;
            }
            if (until < lines.size()) {
                until++;
                shown++;
            }
        }
        to.println(Printable.line(file.name()) + ":" + first);
        to.println(RULE);
        for (int line = from; line <= Math.min(until, from + MOST_LINES); line++) {
            int here = line;
            boolean marked = ranges.stream().anyMatch(range -> range.startLine() <= here && here <= range.endLine());
            to.println(" %3d | %s %s".formatted(line, marked ? ">>>" : "   ", clipped(lines.get(line - 1))));
        }
        if (until > from + MOST_LINES) {
            to.println("     | and " + (until - from - MOST_LINES) + " more lines");
        }
        to.println(RULE);
    }

    private static String clipped(String text) {
        String line = text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
        return Printable.line(line.length() <= LONGEST_LINE ? line : line.substring(0, LONGEST_LINE) + "…");
    }
}
