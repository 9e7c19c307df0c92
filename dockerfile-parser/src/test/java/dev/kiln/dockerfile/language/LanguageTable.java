package dev.kiln.dockerfile.language;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes the rows and their holders as a document. */
final class LanguageTable {

    private static final Map<String, String> SECTIONS = Map.ofEntries(
            Map.entry("1", "The file: bytes, lines, instructions"),
            Map.entry("2", "Parser directives"), Map.entry("3", "Variables"), Map.entry("4", "Arguments"),
            Map.entry("5", "FROM and stages"), Map.entry("6", "RUN"), Map.entry("6.1", "RUN --mount"),
            Map.entry("7", "Here-documents"), Map.entry("8", "COPY and ADD"), Map.entry("8.1", "ADD only"),
            Map.entry("9", "Instructions of the configuration"), Map.entry("10", "ONBUILD"),
            Map.entry("11", "Contexts and options"), Map.entry("12", "Build checks"));

    private LanguageTable() {}

    static String write(List<Row> rows, Holders holders) {
        StringBuilder out = new StringBuilder("""
                # The Dockerfile language, row by row

                Written by `LanguageTableTest` from `rows.txt` and from what the tests of all modules say they hold; how to
                change it stands there. Behind each row are the golden cases (`folder/case`) and the tests that fail when it
                does not hold.
                """);
        String section = "";
        for (Row row : rows) {
            String own = row.id().substring(0, row.id().lastIndexOf('.'));
            if (!own.equals(section)) {
                section = own;
                out.append("\n## ").append(own).append(' ').append(SECTIONS.get(own));
                out.append("\n\n| row | | supported | held by |\n|---|---|---|---|\n");
            }
            out.append(line(row, holders.of(row.id())));
        }
        return out.toString();
    }

    private static String line(Row row, Set<String> holders) {
        boolean reason = !row.reason().isEmpty() && (holders.isEmpty() || !row.reason().equals(Row.NOT_YET));
        String supported = !reason ? "yes" : (holders.isEmpty() ? "no: " : "in part: ") + row.reason();
        String held = holders.stream().map(holder -> "`" + holder + "`").collect(Collectors.joining(", "));
        return "| " + row.id() + " | " + row.title() + " | " + supported + " | " + held + " |\n";
    }
}
