package dev.kiln.layercache.oci;

import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes one JSON object such that the same calls give the same bytes: UTF-8, no white space, only quotes, backslashes and
 * control characters escaped, maps sorted by key. Empty optionals, texts, lists and maps are left out unless a method says
 * otherwise.
 */
final class CanonicalJson {
    private static final JsonFactory FACTORY = new JsonFactory();
    private final JsonGenerator out;

    private CanonicalJson(JsonGenerator out) {
        this.out = out;
    }

    static byte[] object(Consumer<CanonicalJson> fields) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            new CanonicalJson(generator).body(fields);
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    CanonicalJson string(String name, String value) {
        if (!value.isEmpty()) {
            out.writeStringProperty(name, value);
        }
        return this;
    }

    CanonicalJson string(String name, Optional<?> value) {
        value.ifPresent(v -> out.writeStringProperty(name, v.toString()));
        return this;
    }

    CanonicalJson number(String name, long value) {
        out.writeNumberProperty(name, value);
        return this;
    }

    /** A number for which 0 means absent. */
    CanonicalJson nonZero(String name, long value) {
        return value == 0 ? this : number(name, value);
    }

    /** A flag for which false means absent. */
    CanonicalJson flag(String name, boolean value) {
        if (value) {
            out.writeBooleanProperty(name, true);
        }
        return this;
    }

    /** A list of texts, written even when empty. */
    CanonicalJson strings(String name, Collection<String> values) {
        out.writeArrayPropertyStart(name);
        values.forEach(out::writeString);
        out.writeEndArray();
        return this;
    }

    CanonicalJson nonEmpty(String name, Collection<String> values) {
        return values.isEmpty() ? this : strings(name, values);
    }

    /** Names as Docker writes a set, {@code {"80/tcp":{}}}, in the given order. */
    CanonicalJson names(String name, List<String> values) {
        return values.isEmpty() ? this : object(name, json -> values.forEach(v -> json.object(v, none -> {})));
    }

    CanonicalJson map(String name, Map<String, String> values) {
        return values.isEmpty()
                ? this
                : object(name, json -> new TreeMap<>(values).forEach((k, v) -> json.out.writeStringProperty(k, v)));
    }

    /** An object, written even when it gets no fields. */
    CanonicalJson object(String name, Consumer<CanonicalJson> fields) {
        out.writeName(name);
        body(fields);
        return this;
    }

    <T> CanonicalJson object(String name, Optional<T> value, BiConsumer<CanonicalJson, T> fields) {
        value.ifPresent(v -> object(name, json -> fields.accept(json, v)));
        return this;
    }

    /** A list of objects, written even when empty. */
    <T> CanonicalJson objects(String name, List<T> values, BiConsumer<CanonicalJson, T> fields) {
        out.writeArrayPropertyStart(name);
        values.forEach(v -> body(json -> fields.accept(json, v)));
        out.writeEndArray();
        return this;
    }

    /** A value that is JSON text already, in its compact form. */
    CanonicalJson raw(String name, String json) {
        out.writeName(name);
        out.writeRawValue(JsonFields.compact(name, json));
        return this;
    }

    private void body(Consumer<CanonicalJson> fields) {
        out.writeStartObject();
        fields.accept(this);
        out.writeEndObject();
    }
}
