package dev.kiln.dockerfile.lint;

import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import dev.kiln.dockerfile.GoldenCase;
import dev.kiln.dockerfile.ignore.IgnorePatterns;

/**
 * What a case's {@code context} file says, one thing per line: {@code arg K=V}, {@code target STAGE}, {@code built},
 * {@code image NAME}, and below an image {@code env K=V}, {@code shell}, {@code platform P} and {@code trigger TEXT}.
 */
final class LintCase {

    private static final Map<String, String> PREDEFINED = Map.ofEntries(Map.entry("BUILDPLATFORM", "linux/amd64"),
            Map.entry("BUILDOS", "linux"), Map.entry("BUILDOSVERSION", ""), Map.entry("BUILDARCH", "amd64"),
            Map.entry("BUILDVARIANT", ""), Map.entry("TARGETPLATFORM", "linux/amd64"), Map.entry("TARGETOS", "linux"),
            Map.entry("TARGETOSVERSION", ""), Map.entry("TARGETARCH", "amd64"), Map.entry("TARGETVARIANT", ""));

    private final Map<String, String> arguments = new LinkedHashMap<>();
    private final Map<String, BaseImage> images = new LinkedHashMap<>();
    private @Nullable String target;
    private LintContext.Reach reach = LintContext.Reach.ALL_WITHOUT_TARGET;
    private String image = "";

    static LintReport lint(GoldenCase golden) throws IOException {
        LintCase context = new LintCase();
        if (Files.exists(golden.directory().resolve("context"))) {
            golden.text("context").lines().forEach(context::read);
        }
        IgnorePatterns ignored = Files.exists(golden.directory().resolve(".dockerignore"))
                ? IgnorePatterns.parse(golden.bytes(".dockerignore"))
                : IgnorePatterns.NONE;
        return Linter.lint(golden.bytes("Dockerfile"), new LintContext(context.arguments, PREDEFINED,
                Optional.ofNullable(context.target), context.reach, ignored,
                (name, platform) -> Optional.ofNullable(context.images.get(name))));
    }

    private void read(String line) {
        int blank = line.indexOf(' ');
        String word = blank < 0 ? line : line.substring(0, blank);
        String rest = line.substring(blank + 1);
        switch (word) {
            case "arg" -> arguments.put(key(rest), value(rest));
            case "target" -> target = rest;
            case "built" -> reach = LintContext.Reach.BUILT;
            case "image" -> {
                image = rest;
                images.put(image, BaseImage.withEnvironment(Map.of()));
            }
            default -> images.computeIfPresent(image, (name, before) -> with(before, word, rest));
        }
    }

    private static BaseImage with(BaseImage image, String word, String rest) {
        return switch (word) {
            case "env" -> {
                Map<String, String> more = new LinkedHashMap<>(image.environment());
                more.put(key(rest), value(rest));
                yield new BaseImage(more, image.shell(), image.platform(), image.triggers());
            }
            case "shell" -> new BaseImage(image.environment(), true, image.platform(), image.triggers());
            case "platform" ->
                new BaseImage(image.environment(), image.shell(), Optional.of(rest), image.triggers());
            case "trigger" -> new BaseImage(image.environment(), image.shell(), image.platform(), List.of(rest));
            default -> throw new IllegalArgumentException("what is " + word + "?");
        };
    }

    private static String key(String pair) {
        return pair.substring(0, pair.indexOf('='));
    }

    private static String value(String pair) {
        return pair.substring(pair.indexOf('=') + 1);
    }

    /** One line per finding, {@code Rule lines: message}; then the error, and the images that were not known. */
    static String text(LintReport report) {
        StringBuilder out = new StringBuilder();
        report.findings()
            .forEach(finding -> out.append(finding.rule().id())
                .append(' ')
                .append(lines(finding.range().startLine(), finding.range().endLine()))
                .append(": ")
                .append(finding.message())
                .append('\n'));
        report.error().ifPresent(error -> {
            out.append("error");
            error.ranges().forEach(range -> out.append(' ').append(lines(range.startLine(), range.endLine())));
            out.append(": ").append(error.message()).append('\n');
        });
        report.unknownBases().forEach(name -> out.append("unknown: ").append(name).append('\n'));
        if (report.failsBuild()) {
            out.append("fails the build\n");
        }
        return out.toString();
    }

    private static String lines(int start, int end) {
        return start == end ? String.valueOf(start) : start + "-" + end;
    }
}
