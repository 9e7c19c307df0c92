package dev.kiln.dockerfile.instruction;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

import dev.kiln.dockerfile.lex.Word;
import dev.kiln.dockerfile.source.Suggestion;

/**
 * One {@code --mount}. Its options are told apart here; their values take variables (only {@code from} does not), so what
 * they mean is settled when the step is built.
 *
 * @param written the whole value of the flag
 */
public record RunMount(Word written, List<Option> options) {

    /** A key in lower case, and the value if there is a {@code =}. */
    public record Option(String key, Optional<String> value) {}

    public RunMount {
        options = List.copyOf(options);
    }

    /** The stage, context or image that the mount takes its content from. */
    public Optional<String> from() {
        return options.stream()
            .filter(option -> option.key().equals("from"))
            .flatMap(option -> option.value().stream())
            .reduce((first, last) -> last);
    }

    private static final List<String> KEYS = List.of("type", "from", "source", "target", "readonly", "id", "sharing",
            "required", "size", "mode", "uid", "gid", "src", "dst", "destination", "ro", "rw", "readwrite", "env");
    private static final Set<String> SWITCHES = Set.of("readonly", "ro", "readwrite", "rw", "required");

    static RunMount parse(Word value) {
        List<Option> options = Csv.fields(value, "mounts").stream().map(field -> option(field, value)).toList();
        return new RunMount(value, options);
    }

    private static Option option(String field, Word mount) {
        int equals = field.indexOf('=');
        String key = (equals < 0 ? field : field.substring(0, equals)).toLowerCase(Locale.ROOT);
        if (equals < 0 && !SWITCHES.contains(key)) {
            throw Faults.flag(mount, "invalid field '" + field + "' must be a key=value pair");
        }
        if (!KEYS.contains(key)) {
            throw Faults.flag(mount, Suggestion.append("unexpected key '" + key + "' in '" + field + "'", key, KEYS));
        }
        Optional<String> value = equals < 0 ? Optional.empty() : Optional.of(field.substring(equals + 1));
        int dollar = value.map(text -> text.indexOf('$')).orElse(-1);
        if (key.equals("from") && dollar >= 0 && dollar != value.orElseThrow().length() - 1) {
            throw Faults.flag(mount,
                    "'from' doesn't support variable expansion, define alias stage instead");
        }
        return new Option(key, value);
    }
}
