package dev.kiln.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

import dev.kiln.executor.worker.Keeping;

/**
 * What {@code --filter} says, in the spelling of docker buildx.
 *
 * @param keep what was used within this time stays
 */
record PruneFilters(List<String> kinds, List<String> ids, Duration keep) {

    static PruneFilters parse(List<String> texts, CommandSpec spec) {
        List<String> kinds = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        Duration keep = Duration.ZERO;
        for (String text : texts) {
            int equals = text.indexOf('=');
            String value = text.substring(equals + 1);
            switch (text.substring(0, equals + 1)) {
                case "kind=", "type=" -> kinds.add(value);
                case "id=" -> ids.add(value);
                case "until=" -> keep = until(value, spec);
                default -> throw new ParameterException(spec.commandLine(), "--filter " + text
                        + ": expected kind=KIND, type=TYPE, id=ID or until=TIME");
            }
        }
        return new PruneFilters(kinds, ids, keep);
    }

    private static Duration until(String text, CommandSpec spec) {
        try {
            return Keeping.time(text);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--filter until=" + text + ": " + e.getMessage());
        }
    }
}
