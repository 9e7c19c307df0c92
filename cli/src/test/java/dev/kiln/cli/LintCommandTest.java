package dev.kiln.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

import dev.kiln.cli.context.ContextException;
import dev.kiln.dockerfile.lint.Rule;

import static org.assertj.core.api.Assertions.assertThat;

class LintCommandTest {
    private static final Path EXPECTED = Path.of("src/test/resources/lint");

    @TempDir
    private Path folder;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return new CommandLine(new LintCommand()).setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .setExecutionExceptionHandler((failure, command, parsed) -> {
                assertThat(failure).isInstanceOf(ContextException.class);
                err.append(failure.getMessage());
                return ExitCode.USAGE;
            })
            .execute(args);
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    @Test
    void lint_cleanFile_isDone() throws IOException {
        write("Dockerfile", "FROM scratch\nCOPY a b\n");

        assertThat(run(folder.toString())).isEqualTo(ExitCode.DONE);
        assertThat(out.toString()).isEqualToNormalizingNewlines("Check complete, no warnings found.\n");
        assertThat(err.toString()).isEmpty();
    }

    /** The same report in each form; the folder's name, which differs from run to run, is left out. */
    @ParameterizedTest
    @CsvSource({"human, findings.txt", "json, findings.json", "sarif, findings.sarif"})
    void lint_findings_areToldInEachFormat(String format, String expected) throws IOException {
        write("Dockerfile", "FROM scratch AS Bad\nMAINTAINER \\\n  me\nENV a $b\nCOPY ü \\\n  <gone> /\n");
        write(".dockerignore", "<gone>\n");

        assertThat(run("--format", format, folder.toString())).isEqualTo(ExitCode.BUILD_FAILED);
        assertThat(out.toString().replace("file:" + folder + "/", "").replace(folder + "/", "").replace("\r\n", "\n"))
            .isEqualTo(Files.readString(EXPECTED.resolve(expected)));
    }

    @ParameterizedTest
    @CsvSource({"human, error.txt", "json, error.json", "sarif, error.sarif"})
    void lint_errorInFile_isToldInEachFormat(String format, String expected) throws IOException {
        write("Dockerfile", "FROM scratch AS Bad\nBADCMD\n");

        assertThat(run("--format", format, folder.toString())).isEqualTo(ExitCode.BUILD_FAILED);
        assertThat((out + "" + err).replace("file:" + folder + "/", "").replace(folder + "/", "").replace("\r\n", "\n"))
            .isEqualTo(Files.readString(EXPECTED.resolve(expected)));
    }

    @Test
    void lint_dockerfileItself_isLookedAtInItsFolder() throws IOException {
        write("Other", "FROM scratch\nCOPY a b\n");
        write("Other.dockerignore", "a\n");
        write(".dockerignore", "b\n");

        assertThat(run(folder.resolve("Other").toString())).isEqualTo(ExitCode.BUILD_FAILED);
        assertThat(out.toString()).contains("Attempting to Copy file \"a\" that is excluded by .dockerignore");
    }

    @Test
    void lint_options_reachTheLinter() throws IOException {
        write("Dockerfile", "FROM scratch AS one\nUSER $a\nFROM --platform=$TARGETPLATFORM scratch AS two\nUSER $b\n");
        write("File", "ARG base\nFROM $base\n");

        assertThat(run("--target", "two", "--platform", "linux/arm64", folder.toString()))
            .isEqualTo(ExitCode.BUILD_FAILED);
        assertThat(out.toString()).contains("'$b'", "RedundantTargetPlatform").doesNotContain("'$a'");
        assertThat(run("-f", folder.resolve("File").toString(), "--build-arg", "base=scratch", "--build-arg",
                "BUILDKIT_DOCKERFILE_CHECK=skip=InvalidDefaultArgInFrom", folder.toString()))
            .isEqualTo(ExitCode.DONE);
    }

    @Test
    void lint_standardInput_isDash() {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream("FROM scratch as a\n".getBytes(StandardCharsets.UTF_8)));
        try {
            assertThat(run("-f", "-", folder.toString())).isEqualTo(ExitCode.BUILD_FAILED);
        } finally {
            System.setIn(before);
        }
        assertThat(out.toString()).contains("Dockerfile:1\n", "FromAsCasing");
    }

    @Test
    void lint_checkError_isSaidAndFails() throws IOException {
        write("Dockerfile", "# check=error=true\nFROM scratch as a\n");

        assertThat(run(folder.toString())).isEqualTo(ExitCode.BUILD_FAILED);
        assertThat(err.toString())
            .isEqualToNormalizingNewlines("ERROR: lint violation found for rules: FromAsCasing\n");
    }

    @Test
    void lint_variablesOfUnknownBase_areSaidNotToBeLookedAt() throws IOException {
        write("Dockerfile", "FROM debian\nUSER $who\n");

        assertThat(run(folder.toString())).isEqualTo(ExitCode.DONE);
        assertThat(err.toString()).contains("debian");
    }

    @Test
    void lint_controlCharacters_doNotReachTheTerminal() throws IOException {
        write("Dockerfile", "FROM scratch\nUSER \u001b[2J\nUSER ${\u001b]0;x}\nEXPOSE 1:1\u001b\n");
        run(folder.toString());

        assertThat(out + "" + err).doesNotContain("\u001b");
    }

    @Test
    void lint_veryLongInstruction_isShownInPart() throws IOException {
        write("Dockerfile", "FROM scratch\nENV " + "a=$b \\\n".repeat(1_000) + "c=" + "d".repeat(10_000) + "\n");
        run("--format", "human", folder.toString());

        assertThat(out.toString().lines().limit(50)).anyMatch(line -> line.contains("more lines"));
        assertThat(out.toString().lines()).allMatch(line -> line.length() < 300);
    }

    @ParameterizedTest
    @CsvSource({"--format, xml", "--platform, vax", "--build-arg, =x", "-f, nosuch", "--nosuch, x"})
    void lint_badUsage_isSaid(String option, String value) throws IOException {
        write("Dockerfile", "FROM scratch\n");

        assertThat(run(option, value, folder.toString())).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).isNotBlank();
    }

    @Test
    void lint_missingFolderOrMalformedIgnoreFile_isBadUsage() throws IOException {
        assertThat(run(folder.resolve("nosuch").toString())).isEqualTo(ExitCode.USAGE);
        write("Dockerfile", "FROM scratch\n");
        write(".dockerignore", "[");
        assertThat(run(folder.toString())).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void rules_all_areListed() {
        assertThat(run("--rules")).isEqualTo(ExitCode.DONE);
        assertThat(out.toString()).contains(Arrays.stream(Rule.values()).map(Rule::id).toList())
            .contains("CopyMatchedNothing (of Kiln)", "InvalidDefinitionDescription (experimental)");
    }
}
