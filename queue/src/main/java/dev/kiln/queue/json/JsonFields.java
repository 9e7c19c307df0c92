package dev.kiln.queue.json;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The fields of one JSON object, which know where they stand. A field that is {@code null} counts as absent. All methods
 * throw {@link JsonException} when a field that must be there is not, or holds something else.
 *
 * <p>Parsers that are passed in refuse with {@link IllegalArgumentException}; its message is kept, the field is added.
 */
public final class JsonFields {
    private static final int MAX_KEY = 1024;

    private final ObjectNode object;
    private final String path;

    JsonFields(ObjectNode object, String path) {
        this.object = object;
        this.path = path;
    }

    /** The fields of an object that was read elsewhere. */
    public static JsonFields of(ObjectNode object) {
        return new JsonFields(object, "");
    }

    public String string(String name) {
        return text(require(name), at(name));
    }

    public Optional<String> optionalString(String name) {
        return find(name).map(node -> text(node, at(name)));
    }

    /** A string of at most {@code maxLength} characters. */
    public Optional<String> optionalString(String name, int maxLength) {
        return optionalString(name).map(text -> checkLength(text, maxLength, at(name)));
    }

    /** A string that {@code parser} makes something of. */
    public <T> T parsed(String name, Function<String, T> parser) {
        return parse(require(name), at(name), parser);
    }

    public <T> Optional<T> optionalParsed(String name, Function<String, T> parser) {
        return find(name).map(node -> parse(node, at(name), parser));
    }

    /** An RFC 3339 time with any offset. */
    public Instant instant(String name) {
        return parsed(name, JsonFields::parseInstant);
    }

    public boolean bool(String name, boolean whenAbsent) {
        return find(name).map(node -> {
            if (!node.isBoolean()) {
                throw wrong(at(name), "true or false", node);
            }
            return node.booleanValue();
        }).orElse(whenAbsent);
    }

    /** A whole number. */
    public long number(String name) {
        return whole(require(name), at(name));
    }

    public OptionalLong optionalNumber(String name) {
        Optional<JsonNode> node = find(name);
        return node.isPresent() ? OptionalLong.of(whole(node.get(), at(name))) : OptionalLong.empty();
    }

    /** A whole number between −2³¹ and 2³¹−1. */
    public int integer(String name) {
        return narrow(number(name), at(name));
    }

    public OptionalInt optionalInteger(String name) {
        OptionalLong number = optionalNumber(name);
        return number.isPresent() ? OptionalInt.of(narrow(number.getAsLong(), at(name))) : OptionalInt.empty();
    }

    public OptionalDouble optionalDecimal(String name) {
        Optional<JsonNode> node = find(name);
        if (node.isEmpty()) {
            return OptionalDouble.empty();
        }
        if (!node.get().isNumber()) {
            throw wrong(at(name), "a number", node.get());
        }
        return OptionalDouble.of(node.get().doubleValue());
    }

    public JsonFields object(String name) {
        return fields(require(name), at(name));
    }

    public Optional<JsonFields> optionalObject(String name) {
        return find(name).map(node -> fields(node, at(name)));
    }

    /** A list of strings, each made something of; absent means empty. */
    public <T> List<T> list(String name, int maxSize, Function<String, T> parser) {
        Optional<JsonNode> node = find(name);
        if (node.isEmpty()) {
            return List.of();
        }
        if (!(node.get() instanceof ArrayNode array)) {
            throw wrong(at(name), "a list", node.get());
        }
        checkSize(array.size(), maxSize, at(name));
        List<T> list = new ArrayList<>(array.size());
        for (int i = 0; i < array.size(); i++) {
            list.add(parse(array.get(i), at(name) + "[" + i + "]", parser));
        }
        return list;
    }

    /** A list of objects, each made something of; absent means empty. */
    public <T> List<T> objects(String name, int maxSize, Function<JsonFields, T> reader) {
        Optional<JsonNode> node = find(name);
        if (node.isEmpty()) {
            return List.of();
        }
        if (!(node.get() instanceof ArrayNode array)) {
            throw wrong(at(name), "a list", node.get());
        }
        checkSize(array.size(), maxSize, at(name));
        List<T> list = new ArrayList<>(array.size());
        for (int i = 0; i < array.size(); i++) {
            list.add(reader.apply(fields(array.get(i), at(name) + "[" + i + "]")));
        }
        return list;
    }

    /** An object whose fields are all strings; absent means empty. Keys are bounded to 1024 characters. */
    public Map<String, String> map(String name, int maxSize) {
        Map<String, String> map = new TreeMap<>();
        optionalObject(name).ifPresent(fields -> {
            checkSize(fields.object.size(), maxSize, at(name));
            for (String key : fields.object.propertyNames()) {
                map.put(checkUnicode(checkLength(key, MAX_KEY, at(name)), at(name)), fields.string(key));
            }
        });
        return map;
    }

    /** The names of all fields, at most {@code maxSize}. */
    public List<String> names(int maxSize) {
        checkSize(object.size(), maxSize, path);
        List<String> names = List.copyOf(object.propertyNames());
        names.forEach(name -> checkUnicode(checkLength(name, MAX_KEY, path), path));
        return names;
    }

    /** What is wrong with a field, found by a reader who looks at more than one. */
    public JsonException problem(String name, String problem) {
        return new JsonException(name.isEmpty() ? path : at(name), problem);
    }

    /** Runs a constructor that refuses bad combinations, and gives its refusal this object's place. */
    public <T> T build(Supplier<T> constructor) {
        try {
            return constructor.get();
        } catch (JsonException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new JsonException(path, message(e), e);
        }
    }

    private Optional<JsonNode> find(String name) {
        @Nullable
        JsonNode node = object.get(name);
        return node == null || node.isNull() ? Optional.empty() : Optional.of(node);
    }

    private JsonNode require(String name) {
        return find(name).orElseThrow(() -> new JsonException(at(name), "missing"));
    }

    private String at(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private static JsonFields fields(JsonNode node, String place) {
        if (node instanceof ObjectNode object) {
            return new JsonFields(object, place);
        }
        throw wrong(place, "an object", node);
    }

    private static String text(JsonNode node, String place) {
        if (!node.isString()) {
            throw wrong(place, "a string", node);
        }
        return checkUnicode(node.stringValue(), place);
    }

    /** JSON can escape half a surrogate pair, which no UTF-8 can hold: such text could be read but never written. */
    private static String checkUnicode(String text, String place) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c) || ++i == text.length()
                        || !Character.isLowSurrogate(text.charAt(i))) {
                    throw new JsonException(place, "holds half a surrogate pair");
                }
            }
        }
        return text;
    }

    private static long whole(JsonNode node, String place) {
        if (!node.isIntegralNumber() || !node.canConvertToLong()) {
            throw wrong(place, "a whole number", node);
        }
        return node.longValue();
    }

    private static int narrow(long number, String place) {
        if (number != (int) number) {
            throw new JsonException(place, "the number is too large");
        }
        return (int) number;
    }

    private static <T> T parse(JsonNode node, String place, Function<String, T> parser) {
        String text = text(node, place);
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new JsonException(place, message(e), e);
        }
    }

    private static Instant parseInstant(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("expected an RFC 3339 time such as 2026-01-31T12:00:00Z", e);
        }
    }

    private static String checkLength(String text, int maxLength, String place) {
        if (text.length() > maxLength) {
            throw new JsonException(place, "longer than " + maxLength + " characters");
        }
        return text;
    }

    private static void checkSize(int size, int maxSize, String place) {
        if (size > maxSize) {
            throw new JsonException(place, "has " + size + " entries, more than the " + maxSize
                    + " that are accepted");
        }
    }

    private static JsonException wrong(String place, String expected, JsonNode got) {
        return new JsonException(place, "expected " + expected + ", got " + kind(got));
    }

    static String kind(@Nullable JsonNode node) {
        if (node == null || node.isMissingNode()) {
            return "nothing";
        }
        return switch (node.getNodeType()) {
            case ARRAY -> "a list";
            case BOOLEAN -> "true or false";
            case NUMBER -> "a number";
            case OBJECT, POJO -> "an object";
            case STRING, BINARY -> "a string";
            case NULL -> "null";
            case MISSING -> "nothing";
        };
    }

    private static String message(IllegalArgumentException e) {
        return String.valueOf(e.getMessage());
    }
}
