package dev.kiln.executor.op;

import java.nio.file.Path;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.kiln.executor.solver.StepFailed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RootTest {
    @TempDir
    Path temp;
    private Root root;

    @BeforeEach
    void make() throws Exception {
        new Tree(temp.resolve("root")).directory("a/b")
            .link("absolute", "/a")
            .link("up", "../../../../a")
            .link("a/b/sideways", "../c")
            .link("a/c", "/absolute/b")
            .link("dangling", "/no/where")
            .link("loop", "loop2")
            .link("loop2", "loop")
            .link("passwd", "/outside/passwd")
            .link("a/self", ".");
        root = Root.of(temp.resolve("root"));
    }

    @ParameterizedTest
    @CsvSource({"/,/", "'',/", ".,/", "a/b,/a/b", "/absolute/b,/a/b", "up/b,/a/b", "a/b/sideways,/a/b",
        "a/c/x,/a/b/x", "../../a,/a", "dangling/x,/no/where/x", "passwd,/outside/passwd", "a/b/../../up,/a",
        "a/self/self/b,/a/b", "missing/../a,/a", "a//b/,/a/b"})
    void path_withLinks_leadsInsideTheRoot(String path, String inside) throws Exception {
        assertThat(root.inside(root.follow(path))).isEqualTo(inside);
    }

    @Test
    void path_inALoop_isRefused() {
        assertThatThrownBy(() -> root.follow("loop/x")).isInstanceOf(StepFailed.class)
            .hasMessageMatching("\"/loop2?\": too many symbolic links");
    }
}
