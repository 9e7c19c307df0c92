package dev.kiln.api.http;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

import io.vertx.core.MultiMap;

/** The query parameters of a call. Every refusal is a {@link ProblemException} that names the parameter. */
public final class Query {
    private final MultiMap values;

    /** Refuses parameters whose names are not among {@code known}. */
    Query(MultiMap values, Set<String> known) {
        this.values = values;
        List<String> unknown = new ArrayList<>(new HashSet<>(values.names()));
        unknown.removeAll(known);
        unknown.sort(null);
        if (!unknown.isEmpty()) {
            List<String> names = new ArrayList<>(known);
            names.sort(null);
            throw ProblemException.invalid(clip(unknown.getFirst()), "there is no such parameter; known: "
                    + (names.isEmpty() ? "none" : String.join(", ", names)));
        }
    }

    public boolean isEmpty() {
        return values.isEmpty();
    }

    public List<String> all(String name) {
        return values.getAll(name);
    }

    public Optional<String> one(String name) {
        List<String> all = all(name);
        if (all.size() > 1) {
            throw ProblemException.invalid(name, "given " + all.size() + " times, expected once");
        }
        return all.isEmpty() ? Optional.empty() : Optional.of(all.getFirst());
    }

    /** The value, made something of by {@code parser}, which refuses with {@link IllegalArgumentException}. */
    public <T> Optional<T> one(String name, Function<String, T> parser) {
        return one(name).map(value -> parse(name, value, parser));
    }

    public <T> List<T> all(String name, Function<String, T> parser) {
        return all(name).stream().map(value -> parse(name, value, parser)).toList();
    }

    /** {@code true}, {@code 1} or nothing after the name; {@code false} or {@code 0}; absent means false. */
    public boolean flag(String name) {
        return one(name, value -> switch (value) {
            case "true", "1", "" -> true;
            case "false", "0" -> false;
            default -> throw new IllegalArgumentException("expected true or false, got \"" + clip(value) + "\"");
        }).orElse(false);
    }

    public OptionalLong number(String name, long min, long max) {
        Optional<Long> value = one(name, text -> whole(text, min, max));
        return value.isPresent() ? OptionalLong.of(value.get()) : OptionalLong.empty();
    }

    public OptionalDouble decimal(String name) {
        Optional<Double> value = one(name, text -> {
            try {
                return Double.valueOf(text);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("expected a number, got \"" + clip(text) + "\"", e);
            }
        });
        return value.isPresent() ? OptionalDouble.of(value.get()) : OptionalDouble.empty();
    }

    private static long whole(String text, long min, long max) {
        try {
            long number = Long.parseLong(text);
            if (number >= min && number <= max) {
                return number;
            }
            throw new IllegalArgumentException("expected " + min + " to " + max + ", got " + number);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("expected a whole number, got \"" + clip(text) + "\"", e);
        }
    }

    private static <T> T parse(String name, String value, Function<String, T> parser) {
        try {
            return parser.apply(value);
        } catch (IllegalArgumentException e) {
            throw ProblemException.invalid(name, String.valueOf(e.getMessage()));
        }
    }

    private static String clip(String text) {
        return text.length() <= 100 ? text : text.substring(0, 100) + "…";
    }
}
