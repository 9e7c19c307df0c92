package dev.kiln.queue.event;

import java.util.function.Consumer;

/** Puts pieces of a log together to lines, which end at a newline or at a carriage return, as progress bars use it. */
public final class LineJoiner {
    /** A line that does not end is given out in pieces of about this many characters. */
    private static final int LONGEST = 64 * 1024;
    private final StringBuilder rest = new StringBuilder();
    private boolean afterReturn;

    public void add(String piece, Consumer<String> line) {
        for (int i = 0; i < piece.length(); i++) {
            char c = piece.charAt(i);
            boolean secondOfPair = afterReturn && c == '\n';
            afterReturn = c == '\r';
            if (secondOfPair) {
                continue;
            }
            if (c == '\n' || c == '\r') {
                line.accept(rest.toString());
                rest.setLength(0);
            } else {
                rest.append(c);
            }
        }
        if (rest.length() > LONGEST) {
            end(line);
        }
    }

    /** Gives out a line that has no end yet. */
    public void end(Consumer<String> line) {
        if (!rest.isEmpty()) {
            line.accept(rest.toString());
            rest.setLength(0);
        }
    }
}
