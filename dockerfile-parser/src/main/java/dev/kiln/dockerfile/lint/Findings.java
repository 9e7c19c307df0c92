package dev.kiln.dockerfile.lint;

import java.util.ArrayList;
import java.util.List;

import dev.kiln.dockerfile.source.SourceRange;

/** Takes findings in, unless their rule is switched off at that place. */
final class Findings {

    private final List<Finding> all = new ArrayList<>();

    void add(Switches switches, Rule rule, SourceRange range, String message) {
        if (switches.on(rule)) {
            all.add(new Finding(rule, message, range));
        }
    }

    void addAll(Findings others) {
        all.addAll(others.all);
    }

    List<Finding> all() {
        return all;
    }
}
