package dev.kiln.dockerfile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.dockerfile.instruction.Copy;
import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.instruction.Run;
import dev.kiln.dockerfile.stage.Stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

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
    void parse_builtInSyntax_isTaken(String syntax) {
        assertThatCode(() -> DockerfileParser.parse("# syntax=" + syntax + "\nFROM scratch"))
            .doesNotThrowAnyException();
    }

    @Test
    void parse_everythingSupported_isTaken() {
        assertThatCode(() -> DockerfileParser.parse("""
                ARG A
                FROM a AS b
                ARG C=d
                RUN e
                RUN ["e"]
                RUN --network=host e
                COPY --from=b --chown=f g h
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
                """)).doesNotThrowAnyException();
    }
}
