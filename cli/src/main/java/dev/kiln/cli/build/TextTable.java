package dev.kiln.cli.build;

import java.util.ArrayList;
import java.util.List;

import dev.kiln.cli.progress.Printable;

/** Columns as Go's tabwriter sets them: each but the last as wide as its widest cell and a gap. */
final class TextTable {
    private final int gap;
    private final List<List<String>> rows = new ArrayList<>();

    TextTable(int gap) {
        this.gap = gap;
    }

    /** All rows have the same number of cells. */
    TextTable row(String... cells) {
        List<String> row = new ArrayList<>();
        for (String cell : cells) {
            row.add(Printable.line(cell));
        }
        rows.add(row);
        return this;
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        for (List<String> row : rows) {
            for (int i = 0; i < row.size() - 1; i++) {
                out.append(row.get(i)).append(" ".repeat(width(i) - length(row.get(i))));
            }
            out.append(row.getLast()).append('\n');
        }
        return out.toString();
    }

    private int width(int column) {
        return rows.stream().mapToInt(row -> length(row.get(column))).max().orElse(0) + gap;
    }

    private static int length(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
