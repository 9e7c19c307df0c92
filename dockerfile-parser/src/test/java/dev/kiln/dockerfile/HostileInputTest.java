package dev.kiln.dockerfile;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.kiln.dockerfile.expand.Scope;
import dev.kiln.dockerfile.instruction.Cmd;
import dev.kiln.dockerfile.instruction.Run;
import dev.kiln.dockerfile.lex.Lexer;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;
import dev.kiln.dockerfile.stage.GlobalArguments;
import dev.kiln.dockerfile.stage.StageGraph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

/** Whatever comes in: a result or a located error, soon. The limits are far above what a loaded machine needs. */
class HostileInputTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    private static void assertRefused(byte[] file, Code code) {
        assertTimeoutPreemptively(SOON,
                () -> assertThatThrownBy(() -> DockerfileParser.parse(file)).isInstanceOfSatisfying(
                        DockerfileException.class, refused -> {
                            assertThat(refused.code()).isEqualTo(code);
                            assertThat(refused.ranges()).isNotEmpty();
                        }));
    }

    private static void assertRefused(String text, Code code) {
        assertRefused(text.getBytes(StandardCharsets.UTF_8), code);
    }

    @Test
    void file_sixtyMegabytes_isRefused() {
        assertRefused(new byte[60 << 20], Code.TOO_LARGE);
    }

    @Test
    void file_manyInstructions_isRead() {
        Dockerfile file = assertTimeoutPreemptively(SOON,
                () -> DockerfileParser.parse("FROM scratch\n" + "RUN true\n".repeat(100_000)));

        assertThat(file.stages().getFirst().instructions()).hasSize(100_000);
    }

    @Test
    void file_tooManyInstructions_isRefused() {
        assertRefused("FROM scratch\n" + "USER a\n".repeat(Lexer.MOST_INSTRUCTIONS), Code.TOO_LARGE);
    }

    @Test
    void file_oneHugeInstruction_isRead() {
        String line = "a".repeat(60_000);
        Dockerfile file = assertTimeoutPreemptively(SOON,
                () -> DockerfileParser.parse("FROM scratch\nRUN x<<" + (line + "\\\n").repeat(200) + line));

        assertThat(file.stages().getFirst().instructions().getFirst().range().endLine()).isEqualTo(202);
    }

    @Test
    void file_onlyContinuations_isRead() {
        assertTimeoutPreemptively(SOON,
                () -> DockerfileParser.parse("FROM scratch\nENV " + "a=b \\\n".repeat(500_000)));
        assertTimeoutPreemptively(SOON,
                () -> DockerfileParser.parse("FROM scratch\nRUN a\\\n" + "#\n".repeat(1_000_000)));
    }

    @Test
    void file_manyHeredocs_areRefusedOrRead() {
        assertRefused("FROM scratch\nRUN " + "<<a ".repeat(10_000) + "\n" + "a\n".repeat(9_999), Code.SYNTAX);
        String copy = "FROM scratch\nCOPY " + "<<a ".repeat(10_000) + " /b\n" + "a\n".repeat(10_000);
        Dockerfile file = assertTimeoutPreemptively(SOON, () -> DockerfileParser.parse(copy));
        assertThat(file.stages().getFirst().instructions().getFirst().range().endLine()).isEqualTo(10_002);
    }

    @Test
    void file_manyStages_areResolved() {
        StringBuilder text = new StringBuilder("FROM a AS s0\n");
        for (int i = 1; i < 20_000; i++) {
            text.append("FROM s")
                .append(i - 1)
                .append(" AS s")
                .append(i)
                .append("\nCOPY --from=")
                .append(i - 1)
                .append(" a b\n");
        }
        assertTimeoutPreemptively(SOON, () -> {
            Dockerfile file = DockerfileParser.parse(text.toString());
            StageGraph graph = StageGraph.of(file.stages(), Scope.EMPTY, file.expander());
            assertThat(graph.needed(graph.target(Optional.empty()))).hasSize(20_000);
        });
    }

    @Test
    void nesting_everywhere_isBounded() {
        assertRefused("FROM scratch\n" + "ONBUILD ".repeat(8_000) + "RUN a", Code.SYNTAX);
        assertThat(DockerfileParser.parse("FROM scratch\nRUN " + "[".repeat(60_000)).stages()).hasSize(1);
        assertThat(DockerfileParser.parse("FROM scratch\nRUN [" + "{\"a\":".repeat(12_000)).stages()).hasSize(1);
        Dockerfile file = DockerfileParser.parse("FROM " + "${a:-".repeat(13_000));
        assertThatThrownBy(() -> StageGraph.of(file.stages(), Scope.EMPTY, file.expander())).isInstanceOfSatisfying(
                DockerfileException.class, refused -> assertThat(refused.ranges()).isNotEmpty());
    }

    @Test
    void bytes_thatAreNoText_areLocated() {
        assertRefused("FROM scratch\nRUN \0", Code.ENCODING);
        assertRefused(new byte[]{'R', 'U', 'N', ' ', (byte) 0xC3, '\n'}, Code.ENCODING);
        assertRefused(new byte[]{(byte) 0xFF, (byte) 0xFE, 'F', 0, 'R', 0}, Code.ENCODING);
    }

    @Test
    @Tag("row:1.3")
    void line_tenMegabytes_isRefused() {
        assertRefused("FROM scratch\nRUN " + "a".repeat(10 << 20) + "\n", Code.TOO_LARGE);
        assertRefused("a".repeat(10 << 20), Code.TOO_LARGE);
    }

    @Test
    @Tag("row:3.8")
    void substitutions_hundredThousandDeep_areRefusedWhereTheyAre() {
        String deep = "${a:-\\\n".repeat(100_000) + "x" + "}\\\n".repeat(100_000) + "z";
        Dockerfile file = assertTimeoutPreemptively(SOON, () -> DockerfileParser.parse("ARG a=" + deep + "\nFROM b\n"));

        assertTimeoutPreemptively(SOON,
                () -> assertThatThrownBy(() -> GlobalArguments.evaluate(file.globalArguments(), Map.of(), Map.of(),
                        file.expander()))
                    .isInstanceOfSatisfying(DockerfileException.class, refused -> {
                        assertThat(refused.code()).isEqualTo(Code.TOO_LARGE);
                        assertThat(refused.ranges().getFirst().startLine()).isEqualTo(1);
                    }));
    }

    @Test
    @Tag("row:4.1")
    void arguments_thatReferToThemselves_end() {
        Dockerfile file = DockerfileParser.parse("ARG a=$a\nARG b=${c}x c=${b}y\nARG b=${c}z\nFROM $b\n");

        GlobalArguments arguments = GlobalArguments.evaluate(file.globalArguments(), Map.of(), Map.of(),
                file.expander());

        assertThat(arguments.get("a")).contains("");
        assertThat(arguments.get("c")).contains("xy");
        assertThat(arguments.get("b")).contains("xyz");
    }

    @Test
    void arguments_thatDoubleEachTime_areRefused() {
        Dockerfile file = DockerfileParser.parse("ARG a=0123456789\n" + "ARG a=$a$a\n".repeat(1_000) + "FROM $a\n");

        assertTimeoutPreemptively(SOON,
                () -> assertThatThrownBy(() -> GlobalArguments.evaluate(file.globalArguments(), Map.of(), Map.of(),
                        file.expander()))
                    .isInstanceOfSatisfying(DockerfileException.class, refused -> {
                        assertThat(refused.code()).isEqualTo(Code.TOO_LARGE);
                        assertThat(refused.ranges()).isNotEmpty();
                    }));
    }

    @Test
    @Tag("row:5.6")
    void stages_inAHugeCircle_areRefused() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 10_000; i++) {
            text.append("FROM scratch AS s")
                .append(i)
                .append("\nCOPY --from=s")
                .append((i + 1) % 10_000)
                .append(" a b\n");
        }
        Dockerfile file = DockerfileParser.parse(text.toString());

        assertTimeoutPreemptively(SOON,
                () -> assertThatThrownBy(() -> StageGraph.of(file.stages(), Scope.EMPTY, file.expander()))
                    .isInstanceOfSatisfying(DockerfileException.class, refused -> {
                        assertThat(refused.message()).startsWith("circular dependency detected on stage: ");
                        assertThat(refused.ranges()).hasSizeBetween(2, 100);
                    }));
    }

    @Test
    void mounts_many_areResolved() {
        String run = "RUN " + "--mount=type=cache,target=/a \\\n".repeat(50_000) + " true";
        Run parsed = (Run) assertTimeoutPreemptively(SOON, () -> DockerfileParser.parse("FROM scratch\n" + run))
            .stages()
            .getFirst()
            .instructions()
            .getFirst();

        assertTimeoutPreemptively(SOON,
                () -> assertThat(parsed.mounts().stream().map(mount -> mount.resolve(text -> text))).hasSize(50_000));
    }

    @Test
    @Tag("row:1.12")
    void json_huge_isRead() {
        String words = "\"a\",\\\n".repeat(500_000);

        Dockerfile file = assertTimeoutPreemptively(SOON,
                () -> DockerfileParser.parse("FROM scratch\nCMD [" + words + "\"b\"]"));

        assertThat(file.stages().getFirst().instructions().getFirst()).isInstanceOfSatisfying(Cmd.class,
                cmd -> assertThat(cmd.command().argv(List.of())).hasSize(500_001));
    }
}
