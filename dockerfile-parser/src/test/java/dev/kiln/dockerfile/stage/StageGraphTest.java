package dev.kiln.dockerfile.stage;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.kiln.dockerfile.Dockerfile;
import dev.kiln.dockerfile.DockerfileParser;
import dev.kiln.dockerfile.expand.Scope;
import dev.kiln.dockerfile.instruction.Copy;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;
import dev.kiln.dockerfile.source.SourceRange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class StageGraphTest {

    private static StageGraph graph(String text) {
        return graph(text, Map.of());
    }

    private static StageGraph graph(String text, Map<String, String> globals) {
        Dockerfile file = DockerfileParser.parse(text);
        return StageGraph.of(file.stages(), Scope.of(globals), file.expander());
    }

    private static List<Integer> needed(String text, String target) {
        StageGraph graph = graph(text);
        return graph.needed(graph.target(Optional.of(target).filter(name -> !name.isEmpty())))
            .stream()
            .map(Stage::index)
            .toList();
    }

    private static void assertRefused(ThrowingCallable call, String message, int line) {
        assertThatThrownBy(call).isInstanceOfSatisfying(DockerfileException.class, refused -> {
            assertThat(refused.message()).isEqualTo(message);
            assertThat(refused.ranges().getFirst().startLine()).isEqualTo(line);
        });
    }

    private static Source copySource(String text) {
        Dockerfile file = DockerfileParser.parse(text);
        Copy copy = (Copy) file.stages().getLast().instructions().getLast();
        return StageGraph.of(file.stages(), Scope.EMPTY, file.expander()).copySource(copy);
    }

    @Test
    @Tag("row:5.5")
    void needed_target_takesItsBasesAndSources() {
        String text = """
                FROM a AS one
                FROM b AS two
                FROM c AS three
                COPY --from=ONE x y
                FROM three AS four
                FROM two AS five
                """;
        assertThat(needed(text, "four")).containsExactly(0, 2, 3);
        assertThat(needed(text, "FIVE")).containsExactly(1, 4);
        assertThat(needed(text, "")).containsExactly(1, 4);
        assertThat(needed(text, "one")).containsExactly(0);
    }

    @Test
    @Tag("row:5.2")
    void base_names_areLookedUpInOrder() {
        StageGraph graph = graph("FROM $I:$V AS App\nFROM scratch AS app2\nFROM app\nFROM later\nFROM x AS later",
                Map.of("I", "img", "V", "1"));
        List<Stage> stages = graph.needed(graph.target(Optional.of("app")));

        assertThat(graph.base(stages.getFirst())).isEqualTo(new Source.Image("img:1"));
        assertThat(graph.base(graph.target(Optional.of("app2")))).isEqualTo(new Source.Scratch());
        StageGraph other = graph("FROM a AS App\nFROM app");
        assertThat(other.base(other.target(Optional.empty()))).isEqualTo(
                new Source.OtherStage(other.target(Optional.of("APP"))));
        StageGraph forward = graph("FROM later\nFROM x AS later\nFROM y");
        assertThat(forward.needed(forward.target(Optional.empty()))).hasSize(1);
    }

    @Test
    @Tag("row:5.2")
    void base_nameInOtherCase_isAnImage() {
        StageGraph graph = graph("FROM a AS app\nFROM APP");

        assertThat(graph.base(graph.target(Optional.empty()))).isEqualTo(new Source.Image("APP"));
    }

    @Test
    @Tag("row:5.3")
    void base_repeatedName_isTheLastBefore() {
        StageGraph graph = graph("FROM a AS x\nFROM b AS x\nFROM x AS y\nFROM c AS x");

        assertThat(graph.base(graph.target(Optional.of("y")))).isInstanceOfSatisfying(Source.OtherStage.class,
                base -> assertThat(base.stage().index()).isEqualTo(1));
        assertThat(graph.target(Optional.of("x")).index()).isEqualTo(3);
    }

    @Test
    @Tag("row:5.2")
    void base_ownName_isAnImage() {
        StageGraph graph = graph("FROM alpine AS alpine");

        assertThat(graph.base(graph.target(Optional.empty()))).isEqualTo(new Source.Image("alpine"));
    }

    @Test
    void base_malformed_isRefusedAtItsLine() {
        assertRefused(() -> graph("FROM a\nFROM $none"), "base name ($none) should not be blank", 2);
        assertRefused(() -> graph("FROM a\nFROM ${x"), "failed to process \"${x\": syntax error: missing '}'", 2);
    }

    @Test
    @Tag("row:5.4")
    @Tag("row:8.17")
    void copySource_forms_areToldApart() {
        assertThat(copySource("FROM a\nCOPY x y")).isEqualTo(new Source.Context());
        assertThat(copySource("FROM a\nCOPY --from=img:1 x y")).isEqualTo(new Source.Image("img:1"));
        assertThat(copySource("FROM a\nCOPY --from=scratch x y")).isEqualTo(new Source.Scratch());
        assertThat(copySource("FROM a\nFROM b\nCOPY --from=0 x y")).isInstanceOfSatisfying(Source.OtherStage.class,
                source -> assertThat(source.stage().displayName()).isEqualTo("stage-0"));
    }

    @Test
    @Tag("row:8.17")
    void copySource_malformed_isRefusedAtItsLine() {
        assertRefused(() -> graph("FROM a\nFROM b\nCOPY --from=2 x y"), "invalid stage index 2", 3);
        assertRefused(() -> graph("FROM a\nCOPY --from=-1 x y"), "invalid stage index -1", 2);
        assertRefused(() -> graph("FROM a AS b\nFROM c\nCOPY --from=$X x y"),
                "variable expansion is not supported for --from, define a new stage with FROM using ARG from global"
                        + " scope as a workaround",
                3);
    }

    @Test
    @Tag("row:5.5")
    @Tag("row:5.6")
    void needed_forwardReference_isRefusedOnlyWhereNeeded() {
        String text = "FROM a AS one\nCOPY --from=three x y\nFROM b AS two\nFROM c AS three\n";

        assertThat(needed(text, "two")).containsExactly(1);
        assertRefused(() -> needed(text, "one"),
                "cannot copy from stage \"three\", it needs to be defined before current stage \"one\"", 2);
    }

    @Test
    @Tag("row:5.6")
    void circle_ofOne_isRefused() {
        assertRefused(() -> graph("FROM a AS s\nCOPY --from=s x y"), "circular dependency detected on stage: s", 2);
        assertRefused(() -> graph("FROM a\nCOPY --from=0 x y"), "circular dependency detected on stage: stage-0", 2);
    }

    @Test
    @Tag("row:5.6")
    void circle_ofSeveral_namesEveryCopy() {
        String text = """
                FROM z
                COPY --from=a x y
                FROM a AS a
                COPY --from=c x y
                FROM b AS b
                COPY --from=a x y
                FROM c AS c
                COPY --from=b x y
                """;
        assertThatThrownBy(() -> graph(text)).isInstanceOfSatisfying(DockerfileException.class, refused -> {
            assertThat(refused.code()).isEqualTo(Code.STAGE);
            assertThat(refused.message()).isEqualTo("circular dependency detected on stage: a");
            assertThat(refused.ranges()).extracting(SourceRange::startLine).containsExactly(6, 8, 4, 2);
        });
    }

    @Test
    void circle_throughDiamonds_isNoneIfThereIsNone() {
        assertThat(needed("""
                FROM a AS a
                FROM b AS b
                COPY --from=a x y
                FROM c AS c
                COPY --from=a x y
                FROM d
                COPY --from=b x y
                COPY --from=c x y
                COPY --from=b x z
                """, "")).containsExactly(0, 1, 2, 3);
    }

    @Test
    @Tag("row:5.7")
    void target_unknown_suggests() {
        assertThatThrownBy(() -> graph("FROM a AS build\nFROM b").target(Optional.of("bulid")))
            .isInstanceOfSatisfying(DockerfileException.class, refused -> assertThat(refused.message()).isEqualTo(
                    "target stage \"bulid\" could not be found (did you mean build?)"));
    }

    @Test
    @Tag("row:8.19")
    void steps_instructions_areCountedAsShown() {
        StageGraph graph = graph(
                "FROM a AS x\nRUN a\nENV a=b\nWORKDIR /a\nCOPY a b\nFROM x\nRUN b\nFROM scratch\nRUN c");

        assertThat(graph.steps(graph.target(Optional.of("x")))).isEqualTo(4);
        assertThat(graph.steps(graph.target(Optional.empty()))).isEqualTo(1);
    }
}
