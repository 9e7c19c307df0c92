package dev.kiln.dockerfile.lint;

import java.util.Locale;

import dev.kiln.dockerfile.instruction.Expose;
import dev.kiln.dockerfile.instruction.PortRange;
import dev.kiln.dockerfile.source.SourceRange;

/** The rules about the words of an EXPOSE. */
final class ExposedPorts {

    private final StageVariables variables;
    private final Findings findings;
    private final Switches switches;
    private final SourceRange range;

    ExposedPorts(StageVariables variables, Findings findings, Switches switches, SourceRange range) {
        this.variables = variables;
        this.findings = findings;
        this.switches = switches;
        this.range = range;
    }

    void check(Expose expose) {
        for (String port : expose.ports()) {
            variables.split(port).ifPresent(words -> words.forEach(this::check));
        }
    }

    private void check(String word) {
        PortRange.parse(word);
        int colon = word.lastIndexOf(':');
        int slash = word.indexOf('/', colon + 1);
        if (slash >= 0 && !word.substring(slash).equals(word.substring(slash).toLowerCase(Locale.ROOT))) {
            findings.add(switches, Rule.EXPOSE_PROTO_CASING, range,
                    "Defined protocol '" + word + "' in EXPOSE instruction should be lowercase");
        }
        if (colon > 0) {
            findings.add(switches, Rule.EXPOSE_INVALID_FORMAT, range,
                    "EXPOSE instruction should not define an IP address or host-port mapping, found '" + word + "'");
        }
    }
}
