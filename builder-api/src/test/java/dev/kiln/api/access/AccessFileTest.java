package dev.kiln.api.access;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class AccessFileTest {
    private static final String PLAIN = hash("ci-token");
    private static final String SALTED = "pepper:" + hash("pepper" + "bot-token");

    @TempDir
    Path folder;

    private static String hash(String text) {
        return HexFormat.of().formatHex(TokenHash.sha256(text));
    }

    private static AccessRules parse(String text) {
        return AccessFile.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void read_ofYaml_knowsTokensAndRights() throws Exception {
        Path file = Files.writeString(folder.resolve("access.yaml"), """
                tokens:
                  ci:
                    sha256: %s
                    repositories:
                      "team-a/**": [pull, push]
                      library/*: [pull]
                  bot@host:
                    sha256: %s
                anonymous:
                  "library/**": [pull]
                """.formatted(PLAIN, SALTED));

        AccessRules rules = AccessFile.read(file);

        Caller ci = rules.byToken("ci-token").orElseThrow();
        assertThat(ci.name()).isEqualTo("ci");
        assertThat(ci.may(Right.PUSH, "team-a/x/y")).isTrue();
        assertThat(ci.may(Right.DELETE, "team-a/x")).isFalse();
        assertThat(ci.may(Right.PULL, "library/x")).isTrue();
        assertThat(ci.may(Right.PULL, "library/x/y")).isFalse();
        assertThat(rules.byToken("bot-token").orElseThrow().may(Right.PULL, "library/x")).isFalse();
        assertThat(rules.anonymous().may(Right.PULL, "library/x/y")).isTrue();
        assertThat(rules.byToken("")).isEmpty();
        assertThat(rules.byToken(PLAIN)).isEmpty();
        assertThat(rules.byToken("pepperbot-token")).isEmpty();
    }

    @Test
    void read_ofJson_isTheSame() {
        AccessRules rules = parse("{\"tokens\":{\"ci\":{\"sha256\":\"" + PLAIN
                + "\",\"repositories\":{\"a\":[\"delete\"]}}}}");

        assertThat(rules.byToken("ci-token").orElseThrow().may(Right.DELETE, "a")).isTrue();
        assertThat(rules.anonymous().may(Right.PULL, "a")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"team/app,team/app,true", "team/app,team/apps,false", "team/*,team/app,true", "team/*,team/a/b,false",
        "team/*,team,false", "team/**,team/a/b,true", "team/**,team,false", "**,a/b,true", "*,a,true", "*,a/b,false",
        "team-*/app,team-a/app,true", "team-*/app,team-a/b/app,false", "a.b,axb,false", "**/app,x/y/app,true"})
    void pattern_matches(String pattern, String repository, boolean expected) {
        assertThat(RepositoryPattern.parse(pattern).matches(repository)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Team", "a//b", "/a", "a/", "***", "a b", "a/*/b/*/c/*", "(a|b)+", "a\\Eb", "..",
        "a:b"})
    void pattern_thatNoNameMatches_isRefused(String pattern) {
        assertThatThrownBy(() -> RepositoryPattern.parse(pattern)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void read_manyMistakes_tellsAllButNoHash() {
        String secret = "0123456789abcdef";
        assertThatThrownBy(() -> parse("""
                tokens:
                  "no name": {sha256: %s}
                  a: {sha256: %s, repos: {}}
                  b: {sha256: %s, repositories: {"x": [read], "Y": [pull], "z": pull}}
                  c: 1
                anonymus: {}
                """.formatted(PLAIN, secret, PLAIN))).hasMessageContaining("anonymus")
            .hasMessageContaining("tokens.no name: a name has")
            .hasMessageContaining("tokens.a: there is no key repos")
            .hasMessageContaining("tokens.a.sha256: expected the 64")
            .hasMessageContaining("tokens.b.repositories: expected rights")
            .hasMessageContaining("tokens.b.repositories: expected a repository")
            .hasMessageContaining("tokens.c: expected")
            .message()
            .doesNotContain(secret, PLAIN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "1", "a: b: c", "tokens: {a: {}, a: {}}"})
    void read_ofNoList_isRefused(String text) {
        assertThatThrownBy(() -> parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
