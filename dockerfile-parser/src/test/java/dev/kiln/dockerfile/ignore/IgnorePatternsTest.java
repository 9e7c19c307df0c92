package dev.kiln.dockerfile.ignore;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

class IgnorePatternsTest {

    @ParameterizedTest(name = "{0} on {1}")
    @CsvFileSource(resources = "/ignore/matches.txt", delimiterString = " -> ", quoteCharacter = 0x01)
    @Tag("row:11.3")
    void ignores_pattern_asListed(String patterns, String path, boolean ignored) {
        assertThat(IgnorePatterns.of(List.of(patterns.split(" "))).ignores(path)).isEqualTo(ignored);
    }

    @Test
    @Tag("row:11.3")
    void parse_file_readsAsListed() {
        IgnorePatterns patterns = IgnorePatterns.parse("""
                \uFEFF# comment
                  spaced \t

                /rooted/./x/
                ! /rooted/x/keep
                a/../b
                 # indented is a name
                #c
                """.getBytes(StandardCharsets.UTF_8));

        assertThat(List.of("spaced", "rooted/x", "rooted/x/y", "b", "# indented is a name"))
            .allMatch(patterns::ignores);
        assertThat(List.of("rooted/x/keep", "a", "comment", "c", "#c", "x")).noneMatch(patterns::ignores);
        assertThat(patterns.hasExceptions()).isTrue();
    }

    @Test
    void parse_carriageReturns_areDropped() {
        assertThat(IgnorePatterns.parse("a\r\nb\r\n").ignores("a")).isTrue();
    }

    @Test
    void parse_nothing_ignoresNothing() {
        assertThat(IgnorePatterns.parse("\n# a\n").isEmpty()).isTrue();
        assertThat(IgnorePatterns.NONE.ignores("a")).isFalse();
        assertThat(IgnorePatterns.NONE.hasExceptions()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"!", "! ", "[", "a[", "[]a]", "[-]", "[x-]", "[-x]", "[a-b-c]", "[z-a]", "[^", "[^bc",
        "a\\"})
    @Tag("row:11.3")
    void parse_malformedPattern_isRefusedWithItsLine(String pattern) {
        assertThatThrownBy(() -> IgnorePatterns.parse("ok\n\n" + pattern)).isInstanceOfSatisfying(
                IgnoreFileException.class, refused -> {
                    assertThat(refused.line()).isEqualTo(3);
                    assertThat(refused.code()).isEqualTo(IgnoreFileException.Code.PATTERN);
                    assertThat(refused).hasMessageStartingWith("line 3 of the ignore file: ");
                });
    }

    @Test
    void parse_largeFile_isRefused() {
        assertThatThrownBy(() -> IgnorePatterns.parse(new byte[IgnorePatterns.LARGEST_FILE + 1])).isInstanceOf(
                IgnoreFileException.class);
    }

    @Test
    void skipsDirectory_withoutExceptions_isAnyIgnoredOne() {
        IgnorePatterns patterns = IgnorePatterns.of(List.of("node_modules", "**/*.tmp"));

        assertThat(patterns.skipsDirectory("node_modules")).isTrue();
        assertThat(patterns.skipsDirectory("a/b.tmp")).isTrue();
        assertThat(patterns.skipsDirectory("a")).isFalse();
    }

    @Test
    void skipsDirectory_exceptionBelow_isWalked() {
        IgnorePatterns patterns = IgnorePatterns.parse("*\n!src/*/main\n!/docs");

        assertThat(patterns.skipsDirectory("src")).isFalse();
        assertThat(patterns.skipsDirectory("src/a")).isFalse();
        assertThat(patterns.skipsDirectory("docs")).isFalse();
        assertThat(patterns.skipsDirectory("docs2")).isTrue();
        assertThat(patterns.skipsDirectory("src2")).isTrue();
        assertThat(patterns.skipsDirectory("src/a/test")).isTrue();
    }

    @Test
    void skipsDirectory_exceptionAnywhere_isWalked() {
        assertThat(IgnorePatterns.of(List.of("a", "!**/keep")).skipsDirectory("a")).isFalse();
        assertThat(IgnorePatterns.of(List.of("a", "!a**")).skipsDirectory("a")).isFalse();
        assertThat(IgnorePatterns.of(List.of("a", "!*.md")).skipsDirectory("a")).isTrue();
    }

    @Test
    void skipsDirectory_exceptionOverridden_isLeftOut() {
        assertThat(IgnorePatterns.of(List.of("a", "!a/b", "a")).skipsDirectory("a")).isFalse();
        assertThat(IgnorePatterns.of(List.of("!a/b", "a")).skipsDirectory("a")).isTrue();
        assertThat(IgnorePatterns.of(List.of("a", "!a", "a")).skipsDirectory("a")).isTrue();
    }

    /** As in a walk from the top. */
    private static boolean ignoredOnTheWay(IgnorePatterns patterns, String path) {
        IgnorePatterns.Said said = IgnorePatterns.Said.NOTHING;
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
            said = patterns.within(said, path.substring(0, slash));
        }
        return patterns.within(said, path).ignored();
    }

    @ParameterizedTest(name = "{0} on {1}")
    @CsvFileSource(resources = "/ignore/matches.txt", delimiterString = " -> ", quoteCharacter = 0x01)
    void within_pattern_asListed(String patterns, String path, boolean ignored) {
        assertThat(ignoredOnTheWay(IgnorePatterns.of(List.of(patterns.split(" "))), path)).isEqualTo(ignored);
    }

    @Test
    void within_exceptionForADirectoryThatIsNotIgnored_isForgottenBelow() {
        IgnorePatterns patterns = IgnorePatterns.of(List.of("sub/g", "!sub"));

        assertThat(patterns.ignores("sub/g")).isFalse();
        assertThat(ignoredOnTheWay(patterns, "sub/g")).isTrue();
        assertThat(ignoredOnTheWay(IgnorePatterns.of(List.of("sub", "!sub")), "sub/g")).isFalse();
    }

    @Test
    void of_slashAtTheStart_matchesNothing() {
        assertThat(IgnorePatterns.of(List.of("/a")).ignores("a")).isFalse();
        assertThat(IgnorePatterns.of(List.of("!./a", "*")).ignores("a")).isTrue();
        assertThatThrownBy(() -> IgnorePatterns.of(List.of("a", "!"))).isInstanceOf(IgnoreFileException.class)
            .hasMessageContaining("illegal exclusion pattern");
    }

    @Test
    void mayMatchBelow_directoryOnTheWay_isTrue() {
        IgnorePatterns patterns = IgnorePatterns.of(List.of("a/*/c", "!z/x"));

        assertThat(patterns.mayMatchBelow("a")).isTrue();
        assertThat(patterns.mayMatchBelow("a/b")).isTrue();
        assertThat(patterns.mayMatchBelow("b")).isFalse();
        assertThat(patterns.mayMatchBelow("z")).isFalse();
        assertThat(IgnorePatterns.of(List.of("**/c")).mayMatchBelow("b")).isTrue();
    }

    @Test
    void ignores_hostilePattern_takesNoTime() {
        IgnorePatterns patterns = IgnorePatterns.of(List.of("**/" + "*a".repeat(500) + "b", "a*".repeat(500) + "c"));
        String path = "a".repeat(3_000);

        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> assertThat(patterns.ignores(path)).isFalse());
    }
}
