package dev.kiln.dockerfile.instruction;

import java.util.List;
import java.util.Locale;

import dev.kiln.dockerfile.lex.Word;
import dev.kiln.dockerfile.source.Suggestion;

/** One {@code --device}: a CDI device by name, which may be missing unless required. */
public record RunDevice(String name, boolean required) {

    private static final List<String> KEYS = List.of("name", "required");

    static RunDevice parse(Word value) {
        String name = "";
        boolean required = false;
        for (String field : Csv.fields(value, "devices")) {
            int equals = field.indexOf('=');
            String key = (equals < 0 ? field : field.substring(0, equals)).toLowerCase(Locale.ROOT);
            if (key.equals("required")) {
                required = equals < 0 || bool(field.substring(equals + 1), value);
            } else if (equals >= 0 && key.equals("name")) {
                if (!name.isEmpty()) {
                    throw Faults.flag(value, "device name already set to " + name);
                }
                name = field.substring(equals + 1);
            } else if (name.isEmpty()) {
                name = field;
            } else {
                throw Faults.flag(value, equals < 0
                        ? "invalid field '" + field + "' must be a key=value pair"
                        : Suggestion.append("unexpected key '" + key + "' in '" + field + "'", key, KEYS));
            }
        }
        return new RunDevice(name, required);
    }

    private static boolean bool(String text, Word value) {
        return Booleans.parse(text).orElseThrow(() -> Faults.flag(value, "invalid value for required: " + text));
    }
}
