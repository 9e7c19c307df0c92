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

    /** Every stable rule is looked at, and findings fail nothing. */
    public static final CheckOptions NONE = new CheckOptions(Set.of(), Set.of(), false);

    private static final int MOST_PARTS = 3;

    public CheckOptions {
        skip = Set.copyOf(skip);
        experimental = Set.copyOf(experimental);
    }

    /** @throws DockerfileException at the directive, if an option is none of these or lacks its value */
    public static CheckOptions parse(Directive directive) {
        try {
            return parse(directive.firstWord());
        } catch (DockerfileException malformed) {
            throw malformed.at(directive.range(), directive.value());
        }
    }

    /**
     * Reads options without a comment behind them; nothing at all stands for none.
     *
     * @throws DockerfileException without a range, if an option is none of these or lacks its value
     */
    public static CheckOptions parse(String value) {
        if (Whitespace.trim(value).isEmpty()) {
            return NONE;
        }
        Set<String> skip = new HashSet<>();
        Set<String> experimental = new HashSet<>();
        boolean fail = false;
        for (String part : Whitespace.trim(value).split(";", MOST_PARTS)) {
            int equals = part.indexOf('=');
            if (equals < 0) {
                throw invalid("invalid check option " + Quoted.word(part));
            }
            String key = Whitespace.trim(part.substring(0, equals));
            String setting = Whitespace.trim(part.substring(equals + 1));
            switch (key) {
                case "skip" -> skip.addAll(rules(setting));
                case "experimental" -> experimental.addAll(rules(setting));
                case "error" -> fail = bool(setting, part);
                default -> throw invalid("invalid check option " + Quoted.word(key));
            }
        }
        return new CheckOptions(skip, experimental, fail);
    }

    private static Set<String> rules(String value) {
        return Arrays.stream(value.split(",")).map(Whitespace::trim).collect(Collectors.toSet());
    }

    private static boolean bool(String value, String part) {
        return switch (value) {
            case "1", "t", "T", "true", "TRUE", "True" -> true;
            case "0", "f", "F", "false", "FALSE", "False" -> false;
            default -> throw invalid("failed to parse check option " + Quoted.word(part));
        };
    }

    private static DockerfileException invalid(String message) {
        return new DockerfileException(Code.SYNTAX, message);
    }
}
