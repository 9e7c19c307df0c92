package dev.kiln.queue.event;

import java.util.List;
import java.util.Optional;

/**
 * What a person should know of a build that does not fail it: something that an executor says of itself, a finding in the
 * Dockerfile, or something that a step came upon.
 *
 * @param rule by which it was found, when there is one: {@code JSONArgsRecommended}, {@code CopyMatchedNothing}
 * @param message one line
 * @param url where the rule is explained
 * @param detail further lines, below the message
 * @param lines where in the Dockerfile
 */
public record Notice(Optional<String> rule, String message, Optional<String> url, List<String> detail,
        List<Lines> lines) {

    /** Lines of the Dockerfile, from 1, both included. */
    public record Lines(int first, int last) {

        public Lines {
            if (first < 1 || last < first) {
                throw new IllegalArgumentException("lines count from 1, and the last is not before the first");
            }
        }
    }

    public Notice {
        detail = List.copyOf(detail);
        lines = List.copyOf(lines);
    }

    public static Notice of(String message) {
        return new Notice(Optional.empty(), message, Optional.empty(), List.of(), List.of());
    }

    /** Something found by a rule, without a place in the Dockerfile. */
    public static Notice of(String rule, String message) {
        return new Notice(Optional.of(rule), message, Optional.empty(), List.of(), List.of());
    }

    /** As people read it: {@code CopyMatchedNothing: … (line 3)}. */
    public String headline() {
        String text = rule.isPresent() ? rule.get() + ": " + message : message;
        return lines.isEmpty() ? text : text + " (line " + lines.getFirst().first() + ")";
    }
}
