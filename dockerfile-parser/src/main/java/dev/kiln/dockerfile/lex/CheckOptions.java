package dev.kiln.dockerfile.lex;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;
import dev.kiln.dockerfile.source.Whitespace;

/**
 * The value of the {@code check} directive: {@code skip=…}, {@code experimental=…} and {@code error=…} between semicolons.
 * What stands after a blank is a comment.
 *
 * @param skip rules that are not looked at; {@code all} among them stands for every rule
 * @param experimental experimental rules that are; {@code all} as above
 * @param failOnFindings whether a finding fails the build
 */
public record CheckOptions(Set<String> skip, Set<String> experimental, boolean failOnFindings) {

    private static final int MOST_PARTS = 3;

    public CheckOptions {
        skip = Set.copyOf(skip);
        experimental = Set.copyOf(experimental);
    }

    /** @throws DockerfileException at the directive, if an option is none of these or lacks its value */
    public static CheckOptions parse(Directive directive) {
        Set<String> skip = new HashSet<>();
        Set<String> experimental = new HashSet<>();
        boolean fail = false;
        for (String part : directive.firstWord().split(";", MOST_PARTS)) {
            int equals = part.indexOf('=');
            if (equals < 0) {
                throw invalid(directive, "invalid check option " + Quoted.word(part));
            }
            String key = Whitespace.trim(part.substring(0, equals));
            String value = Whitespace.trim(part.substring(equals + 1));
            switch (key) {
                case "skip" -> skip.addAll(rules(value));
                case "experimental" -> experimental.addAll(rules(value));
                case "error" -> fail = bool(value, directive, part);
                default -> throw invalid(directive, "invalid check option " + Quoted.word(key));
            }
        }
        return new CheckOptions(skip, experimental, fail);
    }

    private static Set<String> rules(String value) {
        return Arrays.stream(value.split(",")).map(Whitespace::trim).collect(Collectors.toSet());
    }

    private static boolean bool(String value, Directive directive, String part) {
        return switch (value) {
            case "1", "t", "T", "true", "TRUE", "True" -> true;
            case "0", "f", "F", "false", "FALSE", "False" -> false;
            default -> throw invalid(directive, "failed to parse check option " + Quoted.word(part));
        };
    }

    private static DockerfileException invalid(Directive directive, String message) {
        return new DockerfileException(Code.SYNTAX, message, directive.range(), directive.value());
    }
}
