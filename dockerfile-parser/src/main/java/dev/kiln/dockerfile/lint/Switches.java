package dev.kiln.dockerfile.lint;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.kiln.dockerfile.lex.CheckOptions;
import dev.kiln.dockerfile.source.DockerfileException;

/**
 * Which rules are looked at, in the whole file or at one instruction of it.
 *
 * @param skipped has no effect on experimental rules, which nothing looks at unless asked to
 * @param experimental the experimental rules that are looked at
 */
record Switches(Set<Rule> skipped, Set<Rule> experimental) {

    private static final String ALL = "all";
    private static final Pattern CHECK = Pattern.compile("(?i)check[ \\t\\f\\r]*=[ \\t\\f\\r]*(.+)");

    static Switches of(CheckOptions options) {
        return new Switches(rules(options.skip()), rules(options.experimental()));
    }

    private static Set<Rule> rules(Set<String> names) {
        if (names.contains(ALL)) {
            return EnumSet.allOf(Rule.class);
        }
        Set<Rule> rules = EnumSet.noneOf(Rule.class);
        names.forEach(name -> Rule.of(name).ifPresent(rules::add));
        return rules;
    }

    boolean on(Rule rule) {
        return rule.experimental() ? experimental.contains(rule) : !skipped.contains(rule);
    }

    /**
     * These, and what the first {@code check=…} among the comments above an instruction adds. A malformed one adds
     * nothing; that findings fail the build can only be said at the top of the file.
     */
    Switches with(List<String> comments) {
        for (String comment : comments) {
            Matcher check = CHECK.matcher(comment);
            if (check.matches()) {
                return with(check.group(1));
            }
        }
        return this;
    }

    private Switches with(String value) {
        int blank = value.indexOf(' ');
        try {
            Switches local = of(CheckOptions.parse(blank < 0 ? value : value.substring(0, blank)));
            local.skipped.addAll(skipped);
            local.experimental.addAll(experimental);
            return local;
        } catch (DockerfileException malformed) {
            return this;
        }
    }
}
