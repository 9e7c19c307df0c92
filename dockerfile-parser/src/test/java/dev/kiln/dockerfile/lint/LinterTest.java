package dev.kiln.dockerfile.lint;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import dev.kiln.dockerfile.DockerfileParser;
import dev.kiln.dockerfile.ignore.IgnorePatterns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

class LinterTest {

    /** Each takes about a second of processor time; machines may be busy. */
    private static final Duration SOON = Duration.ofSeconds(90);

    private static LintReport lint(String text) {
        return Linter.lint(text.getBytes(StandardCharsets.UTF_8), LintContext.ofFileAlone());
    }

    private static LintReport lintSoon(String text) {
        return assertTimeoutPreemptively(SOON, () -> lint(text));
    }

    private static String numbered(int count, String line) {
        return IntStream.range(0, count)
            .mapToObj(i -> line.replace("#", String.valueOf(i)))
            .collect(Collectors.joining("\n", "", "\n"));
    }

    private static long count(LintReport report, Rule rule) {
        return report.findings().stream().filter(finding -> finding.rule() == rule).count();
    }

    @Test
    void lint_parsedFile_findsTheSameAsInItsBytes() {
        String text = "FROM scratch as a\nENV x $y\n";

        assertThat(Linter.lint(DockerfileParser.parse(text), LintContext.ofFileAlone())).isEqualTo(lint(text));
    }

    @Test
    void lint_checkDirectiveOfBuildArgument_winsOverTheFile() {
        String text = "# check=skip=all\nFROM scratch as a\n";
        LintReport report = Linter.lint(text.getBytes(StandardCharsets.UTF_8),
                LintContext.ofFileAlone().withBuildArguments(Map.of(LintContext.CHECK, "error=true")));

        assertThat(report.failsBuild()).isTrue();
        assertThat(report.violation()).contains("lint violation found for rules: FromAsCasing");
    }

    @Test
    void lint_malformedBuildArgument_failsTheBuild() {
        LintReport report = Linter.lint(DockerfileParser.parse("FROM scratch as a\n"),
                LintContext.ofFileAlone().withBuildArguments(Map.of(LintContext.CHECK, "eror=true")));

        assertThat(report.findings()).isEmpty();
        assertThat(report.failsBuild()).isTrue();
        assertThat(report.violation())
            .contains("failed to parse check options: invalid check option \"eror\"");
    }

    @Test
    void lint_baseImage_isAskedForOncePerStageWithItsPlatform() {
        List<String> asked = new ArrayList<>();
        LintContext context = new LintContext(Map.of(), Map.of("BUILDPLATFORM", "linux/arm64"), Optional.empty(),
                LintContext.Reach.BUILT, IgnorePatterns.NONE, (image, platform) -> {
                    asked.add(image + platform);
                    return Optional.empty();
                });
        Linter.lint("FROM a AS never\nFROM b AS x\nFROM --platform=$BUILDPLATFORM c\nCOPY --from=x y z\n"
            .getBytes(StandardCharsets.UTF_8), context);

        assertThat(asked).containsExactlyInAnyOrder("bOptional.empty", "cOptional[linux/arm64]");
    }

    @Test
    void lint_manyInstructions_takesSeconds() {
        LintReport report = lintSoon("FROM scratch\n" + numbered(100_000, "ENV name#=$undefined#"));

        assertThat(count(report, Rule.UNDEFINED_VAR)).isEqualTo(100_000);
    }

    @Test
    void lint_manyStagesOnTopOfEachOther_takesSeconds() {
        LintReport report = lintSoon("FROM scratch AS s0\n" + IntStream.range(1, 10_000)
            .mapToObj(i -> "FROM s" + (i - 1) + " AS s" + i + "\nARG a" + i + "=x\nCOPY $a" + (i - 1) + "$b /\nCMD x\n")
            .collect(Collectors.joining()));

        // The first of them has no argument for its successor.
        assertThat(count(report, Rule.UNDEFINED_VAR)).isEqualTo(10_000);
        assertThat(count(report, Rule.JSON_ARGS_RECOMMENDED)).isEqualTo(9_999);
    }

    @Test
    void lint_manyStagesOnOne_takesSeconds() {
        LintReport report = lintSoon("FROM scratch AS base\n" + numbered(10_000, "ENV b#=x")
                + numbered(10_000, "FROM base AS s#\nWORKDIR x#\nCOPY $b# $nope /"));

        assertThat(count(report, Rule.WORKDIR_RELATIVE_PATH)).isEqualTo(10_000);
        assertThat(count(report, Rule.UNDEFINED_VAR)).isEqualTo(10_000);
    }

    @Test
    void lint_manyUndefinedArgumentsInFrom_takesSeconds() {
        LintReport report = lintSoon(numbered(50_000, "ARG argument#") + numbered(50_000, "FROM scratch$argumnt#"));

        assertThat(count(report, Rule.UNDEFINED_ARG_IN_FROM)).isEqualTo(50_000);
    }

    @Test
    void lint_longNames_takesSeconds() {
        String name = "a".repeat(60_000);

        lintSoon("FROM scratch\n" + numbered(100, "ENV " + name + "#=1") + numbered(100, "COPY $b" + name + "# /"));
    }

    @Test
    void lint_valuesThatGrow_areBounded() {
        LintReport report = lintSoon("FROM scratch\nENV a=" + "x".repeat(60_000) + "\nENV b="
                + "$a".repeat(16) + "\n" + numbered(10_000, "ENV c#=$b"));

        assertThat(report.error()).hasValueSatisfying(
                error -> assertThat(error.message()).startsWith("the variables of the file add more than"));
    }

    @Test
    void lint_globalValuesThatGrow_areBounded() {
        LintReport report = lintSoon("ARG a=" + "x".repeat(60_000) + "\nARG b=" + "$a".repeat(16) + "\n"
                + numbered(10_000, "ARG c#=$b") + "FROM scratch\n");

        assertThat(report.error()).isPresent();
    }

    @Test
    void lint_manyTriggersInManyStages_areBounded() {
        LintReport report = lintSoon("FROM scratch AS base\n" + numbered(1_000, "ONBUILD USER u#")
                + numbered(1_000, "FROM base AS s#") + "FROM scratch\n"
                + numbered(1_000, "COPY --from=s# a b"));

        assertThat(report.error()).hasValueSatisfying(
                error -> assertThat(error.message()).contains("ONBUILD triggers"));
    }

    @Test
    void lint_randomText_neverThrows() {
        Random random = new Random(20_261_126);
        String[] pieces = {"FROM ", "FROM a AS b\n", "RUN ", "COPY ", "--from=", "\\", "\n", "\r\n", "<<E", "\"", "'",
            "[",
            "$x", "${y:-z}", "# check=", "skip=all", "error=true", ";", "ONBUILD ", "ENV ", "=", " ", "ARG ", "EXPOSE ",
            "--platform=", "WORKDIR ", ":", "/", "STOPSIGNAL ", "--mount=type=cache,target=", "scratch", "as ", "\0"};
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder(random.nextBoolean() ? "FROM a\n" : "");
            for (int length = random.nextInt(30); length > 0; length--) {
                text.append(pieces[random.nextInt(pieces.length)]);
            }
            LintReport report = lint(text.toString());
            assertThat(report.findings()).allSatisfy(finding -> assertThat(finding.message()).isNotBlank());
        }
    }
}
