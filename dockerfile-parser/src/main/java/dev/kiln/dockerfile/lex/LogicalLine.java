package dev.kiln.dockerfile.lex;

import java.util.Arrays;

import dev.kiln.dockerfile.source.SourceRange;

/** The text of one instruction, joined from physical lines, which remembers where each piece came from. */
final class LogicalLine {

    private final StringBuilder joined = new StringBuilder();
    private int[] offsets = new int[4];
    private int[] lines = new int[4];
    private int[] columns = new int[4];
    private int pieces;

    /** Adds a piece that stands at a column of a physical line; an empty one leaves no trace unless it is the first. */
    void append(CharSequence piece, int line, int column) {
        if (piece.isEmpty() && pieces > 0) {
            return;
        }
        if (pieces == offsets.length) {
            offsets = Arrays.copyOf(offsets, 2 * pieces);
            lines = Arrays.copyOf(lines, 2 * pieces);
            columns = Arrays.copyOf(columns, 2 * pieces);
        }
        offsets[pieces] = joined.length();
        lines[pieces] = line;
        columns[pieces++] = column;
        joined.append(piece);
    }

    char charAt(int index) {
        return joined.charAt(index);
    }

    int length() {
        return joined.length();
    }

    StringBuilder text() {
        return joined;
    }

    String substring(int from, int to) {
        return joined.substring(from, to);
    }

    Word word(int from, int to) {
        return new Word(substring(from, to), range(from, to));
    }

    SourceRange range(int from, int to) {
        int first = piece(from);
        int startLine = lines[first];
        int startColumn = columns[first] + from - offsets[first];
        if (to <= from) {
            return SourceRange.ofLine(startLine, startColumn, 0);
        }
        int last = piece(to - 1);
        return new SourceRange(startLine, startColumn, lines[last], columns[last] + to - offsets[last]);
    }

    private int piece(int offset) {
        int found = Arrays.binarySearch(offsets, 0, pieces, offset);
        if (found < 0) {
            return -found - 2;
        }
        while (found + 1 < pieces && offsets[found + 1] == offset) {
            found++;
        }
        return found;
    }
}
