package dev.kiln.dockerfile.language;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A row of the table of the language.
 *
 * @param id section and number, such as {@code 8.1.3}
 * @param title what it is about
 * @param reason why it is not, or not wholly, supported; empty if it is
 */
record Row(String id, String title, String reason) {

    static final String NOT_YET = "not built yet";

    static List<Row> readAll(Path file) throws IOException {
        return Files.readAllLines(file).stream().filter(line -> !line.startsWith("#")).map(Row::parse).toList();
    }

    private static Row parse(String line) {
        String[] parts = line.split(" \\| ", 3);
        return new Row(parts[0], parts[1], parts.length == 3 ? parts[2].strip() : "");
    }
}
