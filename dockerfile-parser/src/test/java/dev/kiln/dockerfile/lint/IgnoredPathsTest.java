package dev.kiln.dockerfile.lint;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.kiln.dockerfile.ignore.IgnorePatterns;

import static org.assertj.core.api.Assertions.assertThat;

class IgnoredPathsTest {

    @ParameterizedTest
    @CsvSource({"a, a, true", "a, ./b/../a/, true", "a, a/b, true", "a/b, a, false", "*, ., true", "**, /, true",
        "**/*, ., true", "/*, ., true", "a*, ., false", ".*, ., false", "*.txt, x.txt, true", "*.txt, d/x.txt, false",
        "**/*.txt, d/x.txt, true"})
    void contains_source_isJudgedByThePattern(String pattern, String source, boolean ignored) {
        assertThat(IgnoredPaths.contains(IgnorePatterns.parse(pattern), source)).isEqualTo(ignored);
        assertThat(IgnoredPaths.contains(IgnorePatterns.parse(pattern + "\n!other"), source)).isFalse();
    }
}
