package dev.kiln.cli.plan;

import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.Freshness;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageConfigJson;
import dev.kiln.layercache.oci.ImageReference;

/**
 * A graph as JSON. An op is an object whose {@code type} is its kind and whose other fields are named like the record's
 * components; what is empty is absent.
 */
public final class GraphJson {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private GraphJson() {}

    public static String write(BuildGraph graph) {
        ObjectNode json = JSON.createObjectNode();
        ArrayNode vertices = json.putArray("vertices");
        for (Vertex vertex : graph.vertices()) {
            ObjectNode one = vertices.addObject()
                .put("digest", vertex.digest().toString())
                .put("name", vertex.name());
            one.set("op", record((Record) vertex.op()));
            ArrayNode inputs = one.putArray("inputs");
            vertex.inputs().forEach(input -> inputs.add(input.digest().toString()));
            switch (vertex.freshness()) {
                case Freshness.Any() -> {
                    // what is not said needs no field
                }
                case Freshness.Never _ -> one.put("noCache", true);
                case Freshness.Within(var ttl) -> one.put("ttlSeconds", ttl.toSeconds());
            }
        }
        if (graph.targets().size() == 1) {
            putTarget(json, graph.targets().getFirst());
        } else {
            ArrayNode targets = json.putArray("targets");
            graph.targets().forEach(target -> putTarget(targets.addObject(), target));
        }
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json);
    }

    private static void putTarget(ObjectNode json, BuildGraph.Target target) {
        json.put("target", target.vertex().digest().toString());
        json.set("image", JSON.readTree(ImageConfigJson.encode(target.image())));
    }

    private static ObjectNode record(Record value) {
        ObjectNode json = JSON.createObjectNode();
        json.put("type", kind(value.getClass().getSimpleName()));
        for (RecordComponent component : value.getClass().getRecordComponents()) {
            put(json, component.getName(), get(component, value));
        }
        return json;
    }

    private static @Nullable Object get(RecordComponent component, Record value) {
        try {
            return component.getAccessor().invoke(value);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the fields of a graph are public", e);
        }
    }

    private static void put(ObjectNode json, String name, @Nullable Object value) {
        switch (value) {
            case Optional<?> optional -> optional.ifPresent(inner -> put(json, name, inner));
            case OptionalInt number -> number.ifPresent(inner -> json.put(name, inner));
            case OptionalLong number -> number.ifPresent(inner -> json.put(name, inner));
            case Collection<?> list when list.isEmpty() -> {
            }
            case Collection<?> list -> list.forEach(element -> add(json.withArray(name), element));
            case Boolean flag -> json.put(name, flag);
            case Integer number -> json.put(name, number);
            case Long number -> json.put(name, number);
            case Record inner when !isWord(inner) -> json.set(name, record(inner));
            case null, default -> json.put(name, word(value));
        }
    }

    private static void add(ArrayNode list, Object element) {
        if (element instanceof Record inner && !isWord(inner)) {
            list.add(record(inner));
        } else {
            list.add(word(element));
        }
    }

    private static boolean isWord(Record value) {
        return value instanceof Digest || value instanceof ImageReference;
    }

    private static String word(@Nullable Object value) {
        return value instanceof Enum<?> word ? word.name().toLowerCase(Locale.ROOT) : String.valueOf(value);
    }

    /** {@code make-directory} for {@code MakeDirectory}. */
    private static String kind(String name) {
        return name.replaceAll("(?<=[a-z])([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}
