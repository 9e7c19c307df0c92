package dev.kiln.cli.progress;

import java.util.function.Consumer;

/** Puts pieces of a log together to lines; a carriage return before a newline is dropped, others end a line as well. */
final class LineJoiner {
    /** A line that does not end is shown in pieces of this many characters. */
    private static final int LONGEST = 64 * 1024;
    private final StringBuilder rest = new StringBuilder();

    void add(String piece, Consumer<String> line) {
        int start = 0;
        for (int i = 0; i < piece.length(); i++) {
            char c = piece.charAt(i);
            if (c == '\n' || c == '\r') {
                rest.append(piece, start, i);
                start = i + 1;
                if (c == '\n' || !rest.isEmpty()) {
                    emit(c, piece, i, line);
                }
            }
        }
        rest.append(piece, start, piece.length());
        if (rest.length() > LONGEST) {
            end(line);
        }
    }

    private void emit(char c, String piece, int i, Consumer<String> line) {
        if (c == '\r' && i + 1 < piece.length() && piece.charAt(i + 1) == '\n') {
            return;
        }
        line.accept(rest.toString());
        rest.setLength(0);
    }

    /** Gives out a line that has no end yet. */
    void end(Consumer<String> line) {
        if (!rest.isEmpty()) {
            line.accept(rest.toString());
            rest.setLength(0);
        }
    }
}
