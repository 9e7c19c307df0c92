package dev.kiln.dockerfile.language;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds what holds the rows of the language, in the tests of all modules, by reading their text: a golden case by its file
 * {@code rows}, a test method or class by {@code @Tag("row:8.1.3")}.
 */
final class Holders {

    private static final Pattern TAG = Pattern.compile("(?m)^ *@Tag\\(\"row:([^\"]*)\"\\)");
    private static final Pattern TAGGED = Pattern.compile("\\b(?:void|class) (\\w+)");

    private final Map<String, Set<String>> byRow = new TreeMap<>();

    /** @param root the directory that holds the modules */
    static Holders find(Path root) throws IOException {
        Holders holders = new Holders();
        try (Stream<Path> modules = Files.list(root)) {
            for (Path module : modules.sorted().toList()) {
                holders.readSources(module, module.resolve("src/test/java"));
                holders.readCases(module, module.resolve("src/test/resources"));
            }
        }
        return holders;
    }

    private void readSources(Path module, Path directory) throws IOException {
        for (Path file : files(directory)) {
            String name = file.getFileName().toString();
            if (name.endsWith(".java")) {
                readSource(module.getFileName() + ": " + name.substring(0, name.length() - ".java".length()),
                        Files.readString(file));
            }
        }
    }

    void readSource(String type, String source) {
        Matcher tag = TAG.matcher(source);
        Matcher tagged = TAGGED.matcher(source);
        while (tag.find()) {
            boolean found = tagged.find(tag.end());
            String name = found ? tagged.group(1) : "";
            add(tag.group(1), !found || type.endsWith(name) ? type : type + "." + name);
        }
    }

    private void readCases(Path module, Path directory) throws IOException {
        for (Path file : files(directory)) {
            if (file.getFileName().toString().equals("rows")) {
                String holder = module.getFileName() + ": " + directory.relativize(file.getParent());
                Files.readString(file)
                    .lines()
                    .flatMap(line -> Stream.of(line.strip().split("\\s+")))
                    .forEach(row -> add(row, holder));
            }
        }
    }

    private static List<Path> files(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(directory)) {
            return new ArrayList<>(all.filter(Files::isRegularFile).sorted().toList());
        }
    }

    private void add(String row, String holder) {
        byRow.computeIfAbsent(row, first -> new TreeSet<>()).add(holder);
    }

    Set<String> of(String row) {
        return byRow.getOrDefault(row, Set.of());
    }

    /** The rows that anything claims to hold, known or not. */
    Set<String> rows() {
        return byRow.keySet();
    }
}
