package dev.kiln.api.access;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What a client may do until a time.
 *
 * @param caller the name of whom it was made for
 */
record Ticket(String caller, Instant until, List<Scope> scopes) {
    Ticket {
        scopes = List.copyOf(scopes);
    }

    boolean covers(Right right, String repository) {
        return scopes.stream().anyMatch(scope -> scope.covers(right, repository));
    }

    /** One value on each line; none of them can hold a line's end. */
    String text() {
        List<String> lines = new ArrayList<>(List.of(caller, Long.toString(until.getEpochSecond())));
        scopes.forEach(scope -> lines.add(scope.toString()));
        return String.join("\n", lines);
    }

    /** Of a text that was signed here. */
    static Ticket parse(String text) {
        List<String> lines = text.lines().toList();
        return new Ticket(lines.get(0), Instant.ofEpochSecond(Long.parseLong(lines.get(1))),
                Scope.all(lines.subList(2, lines.size())));
    }
}
