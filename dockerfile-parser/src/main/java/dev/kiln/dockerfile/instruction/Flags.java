package dev.kiln.dockerfile.instruction;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import dev.kiln.dockerfile.lex.RawInstruction;
import dev.kiln.dockerfile.lex.Word;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.Suggestion;

/** The flags of one instruction, checked against those it knows. */
final class Flags {

    private enum Kind {
        BOOLEAN, TEXT, LIST
    }

    private final Map<String, Kind> known = new LinkedHashMap<>();
    private final Map<String, List<Word>> given = new LinkedHashMap<>();
    private final Set<String> seen = new HashSet<>();

    /** For an instruction that has no flags. */
    static void refuseAny(RawInstruction raw) {
        new Flags().read(raw);
    }

    Flags booleans(String... names) {
        return know(Kind.BOOLEAN, names);
    }

    Flags texts(String... names) {
        return know(Kind.TEXT, names);
    }

    /** Flags that may be repeated. */
    Flags lists(String... names) {
        return know(Kind.LIST, names);
    }

    private Flags know(Kind kind, String... names) {
        for (String name : names) {
            known.put(name, kind);
        }
        return this;
    }

    Flags read(RawInstruction raw) {
        raw.flags().forEach(this::read);
        return this;
    }

    private void read(Word flag) {
        int equals = flag.text().indexOf('=');
        String dashed = equals < 0 ? flag.text() : flag.text().substring(0, equals);
        String name = dashed.substring(2);
        Kind kind = known.get(name);
        if (kind == null) {
            throw Faults.flag(flag, Suggestion.append("unknown flag: " + dashed, name, known.keySet()));
        }
        if (!seen.add(name) && kind != Kind.LIST) {
            throw Faults.flag(flag, "duplicate flag specified: " + dashed);
        }
        String value = equals < 0 ? "" : flag.text().substring(equals + 1);
        if (kind == Kind.BOOLEAN ? equals >= 0 && value.isEmpty() : equals < 0) {
            throw Faults.flag(flag, "missing a value on flag: " + dashed);
        }
        if (kind == Kind.BOOLEAN && !value.isEmpty() && !isBoolean(value)) {
            throw Faults.flag(flag, "expecting boolean value for flag " + dashed + ", not: " + value);
        }
        given.computeIfAbsent(name, missing -> new ArrayList<>()).add(new Word(value, flag.range()));
    }

    private static boolean isBoolean(String value) {
        return value.equalsIgnoreCase("true") || value.equalsIgnoreCase("false");
    }

    /** Empty if the flag was not given. */
    Optional<Boolean> flag(String name) {
        return value(name).map(value -> !value.text().toLowerCase(Locale.ROOT).equals("false"));
    }

    /** Empty if the flag was not given, or given with an empty value. */
    Optional<String> text(String name) {
        return value(name).map(Word::text).filter(text -> !text.isEmpty());
    }

    Optional<Word> value(String name) {
        return list(name).stream().findFirst();
    }

    List<Word> list(String name) {
        return given.getOrDefault(name, List.of());
    }

    /** The value as a constant of an enum, whose names in lower case are what may be written. */
    <E extends Enum<E>> Optional<E> choice(String name, Class<E> type, String complaint) {
        return value(name).map(word -> {
            for (E constant : type.getEnumConstants()) {
                if (constant.name().toLowerCase(Locale.ROOT).equals(word.text())) {
                    return constant;
                }
            }
            throw new DockerfileException(DockerfileException.Code.FLAG, complaint.formatted(word.text()), word.range(),
                    "--" + name + "=" + word.text());
        });
    }
}
