package dev.kiln.executor.frontend;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import dev.kiln.dockerfile.DockerfileParser;
import dev.kiln.dockerfile.lint.LintReport;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One directory per case: {@code Dockerfile}, {@code args} (optional; lines of {@code build-arg K=V}, {@code label K=V},
 * and more, see {@link WrittenOptions}) and {@code expected}. Run with
 * {@code -Dgolden.write=true} to write {@code expected} anew, then read the difference.
 */
class DockerfileFrontendGoldenTest {
    private static final Path CASES = Path.of("src/test/resources/frontend");

    @TestFactory
    Stream<DynamicTest> cases() throws IOException {
        List<Path> directories;
        try (Stream<Path> list = Files.list(CASES)) {
            directories = list.filter(Files::isDirectory).sorted().toList();
        }
        assertThat(directories).hasSizeGreaterThan(25);
        return directories.stream().map(d -> DynamicTest.dynamicTest(d.getFileName().toString(), () -> check(d)));
    }

    private static void check(Path directory) throws Exception {
        String actual = translate(directory);
        Path expected = directory.resolve("expected");
        if (Boolean.getBoolean("golden.write")) {
            Files.writeString(expected, actual);
        }
        assertThat(actual).isEqualTo(Files.readString(expected));
    }

    private static String translate(Path directory) throws Exception {
        KnownImages images = new KnownImages();
        String result;
        try {
            DockerfileFrontend.Translated translated = new DockerfileFrontend(images, new KnownRemotes()).translate(
                    DockerfileParser.parse(Files.readAllBytes(directory.resolve("Dockerfile"))), options(directory));
            result = GraphText.of(translated.graph()) + found(translated.report());
        } catch (FrontendException e) {
            result = "error " + e.code() + (e.retryable() ? " retryable" : "") + "\n" + e.describe("Dockerfile") + "\n";
        }
        return result + "asked for " + images.asked() + "\n";
    }

    private static String found(LintReport report) {
        String findings = report.findings()
            .stream()
            .map(finding -> "found " + finding.rule().id() + " at " + finding.range() + ": " + finding.message() + "\n")
            .collect(Collectors.joining());
        return findings + report.violation().map(text -> "fails: " + text + "\n").orElse("");
    }

    private static FrontendOptions options(Path directory) throws Exception {
        Path file = directory.resolve("args");
        return WrittenOptions.read(Files.exists(file) ? Files.readAllLines(file) : List.of());
    }
}
