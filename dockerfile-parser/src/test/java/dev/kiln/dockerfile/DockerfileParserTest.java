package dev.kiln.dockerfile;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.dockerfile.instruction.CommandLine;
import dev.kiln.dockerfile.instruction.Copy;
import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.instruction.Run;
import dev.kiln.dockerfile.lex.Heredoc;
import dev.kiln.dockerfile.lex.Keyword;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.SourceRange;
import dev.kiln.dockerfile.stage.Stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DockerfileParserTest {

    private static final String TWO_STAGES = """
            # syntax=docker/dockerfile:1
            ARG BASE=debian
            ARG TAG=12

            FROM ${BASE}:${TAG} AS build
            WORKDIR /src
            COPY --chown=me . .
            RUN --network=none cc -o app app.c

            FROM scratch
            COPY --from=build /src/app /app
            ENTRYPOINT ["/app"]
            """;

    @Test
    void parse_stages_areSplitAtFrom() {
        Dockerfile file = DockerfileParser.parse(TWO_STAGES);

        assertThat(file.globalArguments()).hasSize(2);
        assertThat(file.stages()).extracting(Stage::displayName).containsExactly("build", "stage-1");
        assertThat(file.stages().getFirst().instructions()).extracting(Instruction::keyword)
            .containsExactly("WORKDIR",
                    "COPY", "RUN");
        assertThat(file.stages().getLast().instructions().getFirst()).isInstanceOfSatisfying(Copy.class,
                copy -> assertThat(copy.from()).contains("build"));
        assertThat(file.instructions()).extracting(instruction -> instruction.range().startLine())
            .containsExactly(2, 3,
                    5, 6, 7, 8, 10, 11, 12);
    }

    @Test
    @Tag("row:2.3")
    void parse_escapeDirective_reachesTheExpander() {
        Dockerfile file = DockerfileParser.parse("# escape=`\nFROM scratch\nENV a=b\n");

        assertThat(file.expander().word("`$a\\", name -> java.util.Optional.empty())).isEqualTo("$a\\");
    }

    @Test
    void display_step_isOneLineWithUpperKeyword() {
        Dockerfile file = DockerfileParser.parse("from scratch\nrun a \\\n    b \\\n# c\n && d\n");

        Run run = (Run) file.stages().getFirst().instructions().getFirst();
        assertThat(run.display()).isEqualTo("RUN a     b  && d");
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker/dockerfile:1", "docker/dockerfile:1.7-labs", "docker.io/docker/dockerfile:1.26",
        "docker/dockerfile", "dockerfile.v0", "docker/dockerfile:1 some comment"})
    @Tag("row:2.2")
    void parse_builtInSyntax_isTaken(String syntax) {
        assertThatCode(() -> DockerfileParser.parse("# syntax=" + syntax + "\nFROM scratch"))
            .doesNotThrowAnyException();
    }

    @Test
    @Tag("row:1.21")
    void parse_everyInstruction_isTaken() {
        Dockerfile file = DockerfileParser.parse("""
                # check=skip=all;error=true
                ARG A
                FROM --platform=$A a AS b
                ARG C=d
                RUN --mount=type=cache,target=/x --network=host --security=insecure --device=e e
                RUN ["e"]
                RUN <<E
                e
                E
                COPY --from=b --chown=f --chmod=7 --link --parents --exclude=x g h
                COPY <<E /
                e
                E
                ADD --checksum=x --keep-git-dir --unpack=false --exclude=y g h
                ENV i=j
                LABEL k=l
                WORKDIR m
                USER n
                EXPOSE 1
                VOLUME /o
                CMD p
                ENTRYPOINT q
                SHELL ["r"]
                STOPSIGNAL 9
                MAINTAINER s
                HEALTHCHECK --interval=1s CMD t
                ONBUILD RUN u
                """);

        assertThat(file.instructions()).hasSize(22)
            .extracting(Instruction::keyword)
            .containsOnly(Keyword.names().toArray(String[]::new));
    }

    @Test
    @Tag("row:2.4")
    void parse_checkDirective_isValidated() {
        assertThatThrownBy(() -> DockerfileParser.parse("# check=x\nFROM scratch"))
            .isInstanceOf(DockerfileException.class)
            .hasMessage("invalid check option \"x\"");
    }

    @Test
    @Tag("row:10.6")
    void trigger_oneInstruction_isTypedAtThePlace() {
        SourceRange at = new SourceRange(3, 1, 3, 9);

        Instruction trigger = DockerfileParser.parseTrigger("RUN --mount=target=/a <<E cat\na\nE", at);

        assertThat(trigger).isInstanceOfSatisfying(Run.class, run -> {
            assertThat(run.range()).isEqualTo(at);
            assertThat(run.mounts().getFirst().written().range()).isEqualTo(at);
            assertThat(((CommandLine.ShellForm) run.command()).heredocs()).extracting(Heredoc::content)
                .containsExactly("a\n");
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"RUN a\\nRUN b | onbuild trigger should be a single expression",
        "ONBUILD RUN a | Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed",
        "ONBUILD ONBUILD a | Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed",
        "from a | FROM isn't allowed as an ONBUILD trigger",
        "MAINTAINER a | MAINTAINER isn't allowed as an ONBUILD trigger",
        "RUM a | unknown instruction: RUM (did you mean RUN?)", "# a | file with no instructions",
        "'' | the Dockerfile cannot be empty", "COPY <<E /\\na | unterminated heredoc"})
    @Tag("row:10.1")
    @Tag("row:10.6")
    void trigger_other_isRefusedAtThePlace(String text, String message) {
        SourceRange at = new SourceRange(3, 1, 3, 9);

        assertThatThrownBy(() -> DockerfileParser.parseTrigger(text.translateEscapes(), at))
            .isInstanceOfSatisfying(DockerfileException.class, refused -> {
                assertThat(refused.message()).isEqualTo(message);
                assertThat(refused.ranges()).containsExactly(at);
                assertThat(refused.offendingText()).startsWith("ONBUILD");
            });
    }
}
