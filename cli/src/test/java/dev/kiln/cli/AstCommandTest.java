package dev.kiln.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

import static org.assertj.core.api.Assertions.assertThat;

class AstCommandTest {
    @TempDir
    private Path folder;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String file) {
        return new CommandLine(new AstCommand()).setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(file);
    }

    private String dockerfile(String text) throws IOException {
        return Files.writeString(folder.resolve("Dockerfile"), text).toString();
    }

    @Test
    @Tag("row:1.19")
    void ast_file_isPrintedAsTree() throws IOException {
        int exit = run(dockerfile("FROM scratch\nCOPY --from=a \\\n  b /c\nONBUILD RUN [\"d\"]\nINCLUDE x\n"));

        assertThat(out.toString()).isEqualToNormalizingNewlines(
                """
                        (from "scratch")
                        (copy ["--from=a"] "b" "/c")
                        (onbuild (run "d"))
                        (include "")
                        """);
        assertThat(err.toString()).isEmpty();
        assertThat(exit).isZero();
    }

    @Test
    void ast_standardInput_isDash() {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream("FROM a".getBytes(StandardCharsets.UTF_8)));
        try {
            assertThat(run("-")).isZero();
        } finally {
            System.setIn(before);
        }
        assertThat(out.toString().strip()).isEqualTo("(from \"a\")");
    }

    @Test
    void ast_malformed_isLocatedAndFails() throws IOException {
        String file = dockerfile("FROM a\nENV x\n");

        assertThat(run(file)).isEqualTo(ExitCode.BUILD_FAILED);
        assertThat(err.toString()).isEqualToNormalizingNewlines(file + ":2:5: ENV must have two arguments\n    x\n");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void ast_controlCharacters_doNotReachTheTerminal() throws IOException {
        assertThat(run(dockerfile("FROM a\n\u001b[2JX y\n"))).isZero();
        assertThat(out.toString()).doesNotContain("\u001b").contains("[2jx");
    }

    @Test
    void ast_noSuchFile_isToldByName() {
        CommandLine command = new CommandLine(new AstCommand()).setExecutionExceptionHandler((failure, _, _) -> {
            assertThat(failure).isInstanceOf(CommandFailed.class).hasMessageContaining("cannot read /nowhere");
            return ((CommandFailed) failure).exitCode();
        });

        assertThat(command.execute("/nowhere")).isEqualTo(ExitCode.USAGE);
    }
}
