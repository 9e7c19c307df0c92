package dev.kiln.layercache.oci;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A JSON object that somebody else wrote, read field by field. {@code null} counts as absent, as Go's encoder means it; a
 * field of the wrong type is an {@link OciException} that names where it stands.
 */
final class JsonFields {
    private static final JsonMapper MAPPER = JsonMapper
        .builder(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(100).build())
            .build())
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .build();

    private final String where;
    private final JsonNode node;

    private JsonFields(String where, JsonNode node) {
        this.where = where;
        this.node = node;
    }

    /** Reads a whole document, called {@code what} in errors. */
    static JsonFields parse(String what, byte[] bytes, int maxBytes) {
        if (bytes.length > maxBytes) {
            throw new OciException(OciException.Code.TOO_LARGE,
                    what + " of " + bytes.length + " bytes is larger than the limit of " + maxBytes + " bytes");
        }
        try {
            return object(what, MAPPER.readTree(bytes));
        } catch (JacksonException e) {
            throw new OciException(OciException.Code.INVALID, what + " is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** The compact form of a JSON text; throws {@link OciException} when it is none. */
    static String compact(String what, String json) {
        try {
            return MAPPER.readTree(json).toString();
        } catch (JacksonException e) {
            throw new OciException(OciException.Code.INVALID, what + " is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    boolean has(String name) {
        return get(name) != null;
    }

    Optional<String> string(String name) {
        return Optional.ofNullable(get(name)).map(v -> text(v, path(name)));
    }

    /** The text of a field for which absent and empty mean the same. */
    Optional<String> nonEmpty(String name) {
        return string(name).filter(s -> !s.isEmpty());
    }

    String required(String name) {
        return nonEmpty(name).orElseThrow(() -> invalid(path(name), "is missing"));
    }

    boolean flag(String name) {
        JsonNode value = get(name);
        if (value != null && !value.isBoolean()) {
            throw invalid(path(name), "is not true or false");
        }
        return value != null && value.booleanValue();
    }

    /** An integer; 0 when absent. */
    long number(String name) {
        JsonNode value = get(name);
        if (value == null) {
            return 0;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw invalid(path(name), "is not a whole number of 64 bits");
        }
        return value.longValue();
    }

    Optional<Instant> time(String name) {
        return nonEmpty(name).map(text -> {
            try {
                return OffsetDateTime.parse(text).toInstant();
            } catch (DateTimeException e) {
                throw invalid(path(name), "is not a time as RFC 3339 writes it");
            }
        });
    }

    Optional<List<String>> strings(String name) {
        return elements(name).map(nodes -> each(nodes, name, JsonFields::text));
    }

    List<JsonFields> objects(String name) {
        return elements(name).map(nodes -> each(nodes, name, (v, p) -> object(p, v))).orElse(List.of());
    }

    Optional<JsonFields> object(String name) {
        return Optional.ofNullable(get(name)).map(v -> object(path(name), v));
    }

    SortedMap<String, String> stringMap(String name) {
        SortedMap<String, String> map = new TreeMap<>();
        object(name).ifPresent(o -> o.node.properties()
            .forEach(p -> map.put(p.getKey(), text(p.getValue(), o.path(p.getKey())))));
        return map;
    }

    /** The names of an object that Docker uses as a set: {@code {"80/tcp":{}}}. */
    List<String> names(String name) {
        return object(name).map(o -> List.copyOf(o.node.propertyNames())).orElse(List.of());
    }

    /** The fields that are not in {@code known}, as compact JSON text by name. */
    Map<String, String> others(Set<String> known) {
        Map<String, String> rest = new TreeMap<>();
        for (Map.Entry<String, JsonNode> property : node.properties()) {
            if (!known.contains(property.getKey())) {
                rest.put(property.getKey(), property.getValue().toString());
            }
        }
        return rest;
    }

    /** Runs a value's own check, so that its complaint names the field. */
    <T> T value(String name, Function<String, T> parse) {
        String text = required(name);
        return check(name, () -> parse.apply(text));
    }

    /** Runs a check on what was read from {@code name}, so that its complaint names the field. */
    <T> T check(String name, Supplier<T> parse) {
        try {
            return parse.get();
        } catch (OciException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new OciException(OciException.Code.INVALID, path(name) + ": " + e.getMessage(), e);
        }
    }

    OciException invalid(String name, String complaint) {
        return new OciException(OciException.Code.INVALID, name + " " + complaint);
    }

    String where() {
        return where;
    }

    private String path(String name) {
        String shown = name.length() <= 60 ? name : name.substring(0, 60) + "…";
        return where + "." + shown;
    }

    private @Nullable JsonNode get(String name) {
        JsonNode value = node.get(name);
        return value == null || value.isNull() ? null : value;
    }

    private Optional<List<JsonNode>> elements(String name) {
        JsonNode value = get(name);
        if (value != null && !value.isArray()) {
            throw invalid(path(name), "is not a list");
        }
        return Optional.ofNullable(value).map(v -> List.copyOf(v.values()));
    }

    private <T> List<T> each(List<JsonNode> nodes, String name, Reader<T> read) {
        List<T> list = new ArrayList<>(nodes.size());
        for (JsonNode element : nodes) {
            list.add(read.read(element, path(name) + "[" + list.size() + "]"));
        }
        return List.copyOf(list);
    }

    private static String text(JsonNode value, String path) {
        if (!value.isString()) {
            throw new OciException(OciException.Code.INVALID, path + " is not a text");
        }
        return value.stringValue();
    }

    private static JsonFields object(String path, JsonNode value) {
        if (!value.isObject()) {
            throw new OciException(OciException.Code.INVALID, path + " is not a JSON object");
        }
        return new JsonFields(path, value);
    }

    private interface Reader<T> {
        T read(JsonNode value, String path);
    }
}
