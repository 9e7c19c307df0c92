package dev.kiln.queue.job;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import static dev.kiln.queue.job.Checks.check;

/** Values of options as docker buildx writes them: {@code KEY=VALUE,KEY=VALUE}, one line of CSV. */
final class Csv {
    private static final Set<String> TRUE = Set.of("1", "t", "T", "true", "TRUE", "True");
    private static final Set<String> FALSE = Set.of("0", "f", "F", "false", "FALSE", "False");

    private Csv() {}

    /** The words by name, names in lower case; each once. */
    static Map<String, String> pairs(List<String> fields) {
        Map<String, String> words = new LinkedHashMap<>();
        for (String field : fields) {
            int equals = field.indexOf('=');
            check(equals > 0, "invalid value " + Checks.shown(field) + ": expected KEY=VALUE");
            String name = field.substring(0, equals).strip().toLowerCase(Locale.ROOT);
            check(words.put(name, field.substring(equals + 1)) == null, Checks.shown(name) + " is given twice");
        }
        return words;
    }

    /** A word that is true or false, as Go writes them. */
    static boolean flag(Map<String, String> words, String name, boolean whenAbsent) {
        String word = words.get(name);
        check(word == null || TRUE.contains(word) || FALSE.contains(word),
                name + "=" + Checks.shown(String.valueOf(word)) + ": expected true or false");
        return word == null ? whenAbsent : TRUE.contains(word);
    }

    /** Refuses words that nobody would read. */
    static void allow(Set<String> words, Set<String> known, String type) {
        for (String name : new TreeSet<>(words)) {
            check(known.contains(name), "unknown word " + Checks.shown(name) + " for type=" + type + "; known: "
                    + (known.isEmpty() ? "none" : String.join(", ", new TreeSet<>(known))));
        }
    }

    /** Fields of one line of CSV; a field in double quotes may hold commas, and quotes doubled. */
    static List<String> fields(String text) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' && quoted && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                field.append('"');
                i++;
            } else if (c == '"') {
                check(quoted || field.isEmpty(), "a quote inside the field " + Checks.shown(field.toString()));
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        check(!quoted, "a quote is not closed in " + Checks.shown(text));
        fields.add(field.toString());
        return fields;
    }
}
