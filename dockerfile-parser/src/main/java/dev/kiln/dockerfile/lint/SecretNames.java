package dev.kiln.dockerfile.lint;

import java.util.List;
import java.util.Locale;
import java.util.Set;

import dev.kiln.dockerfile.lex.Quoted;
import dev.kiln.dockerfile.source.SourceRange;

/** Finds variables whose name says that they hold a secret; variables stay readable in the image or its history. */
final class SecretNames {

    private static final Set<String> SECRET = Set.of("apikey", "auth", "credential", "credentials", "key", "password",
            "pword", "passwd", "secret", "token");
    private static final Set<String> HARMLESS = Set.of("public", "file", "version");

    private SecretNames() {}

    static void check(Findings findings, Switches switches, String instruction, String name, SourceRange range) {
        List<String> words = List.of(name.toLowerCase(Locale.ROOT).split("_", -1));
        if (words.stream().anyMatch(SECRET::contains) && words.stream().noneMatch(HARMLESS::contains)) {
            findings.add(switches, Rule.SECRETS_USED_IN_ARG_OR_ENV, range,
                    "Do not use ARG or ENV instructions for sensitive data (" + instruction + " " + Quoted.word(name)
                            + ")");
        }
    }
}
