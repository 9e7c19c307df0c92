package dev.kiln.executor.farmcache;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;

/** The layers of a result as JSON: a list of objects, base first. What is read may come from anybody and is bounded. */
final class LayerList {
    /** An overlay has no more. */
    private static final int MAX_LAYERS = 500;
    private static final int MAX_TYPE = 255;
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
        .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(4).maxNumberLength(20).build())
        .build()).build();

    private LayerList() {}

    static String encode(List<CachedLayer> layers) {
        ArrayNode list = MAPPER.createArrayNode();
        for (CachedLayer layer : layers) {
            ObjectNode one = list.addObject();
            one.put("diffId", layer.diffId().toString());
            one.put("mediaType", layer.blob().mediaType());
            one.put("digest", layer.blob().digest().toString());
            one.put("size", layer.blob().size());
            one.put("tarSize", layer.tarSize());
            layer.created().ifPresent(created -> one.put("created", created.toString()));
        }
        return list.toString();
    }

    /** @throws IllegalArgumentException or {@link java.time.DateTimeException} saying what is wrong with it */
    static List<CachedLayer> decode(String json) {
        JsonNode list;
        try {
            list = MAPPER.readTree(json);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("its layers are not JSON: " + e.getOriginalMessage(), e);
        }
        check(list.isArray() && list.size() <= MAX_LAYERS, "its layers are no list of at most " + MAX_LAYERS);
        List<CachedLayer> layers = new ArrayList<>();
        for (JsonNode one : list) {
            String type = text(one, "mediaType");
            check(!type.isBlank() && type.length() <= MAX_TYPE, "a layer has no media type");
            Optional<Instant> created = one.has("created")
                    ? Optional.of(Instant.parse(text(one, "created")))
                    : Optional.empty();
            layers.add(new CachedLayer(Digest.parse(text(one, "diffId")),
                    Descriptor.of(type, Digest.parse(text(one, "digest")), size(one, "size")), size(one, "tarSize"),
                    Optional.empty(), created));
        }
        return List.copyOf(layers);
    }

    private static String text(JsonNode layer, String field) {
        JsonNode value = layer.path(field);
        check(value.isString(), "a layer has no " + field);
        return value.stringValue();
    }

    private static long size(JsonNode layer, String field) {
        JsonNode value = layer.path(field);
        check(value.isIntegralNumber() && value.canConvertToLong() && value.longValue() >= 0,
                "a layer has no " + field);
        return value.longValue();
    }

    private static void check(boolean ok, String problem) {
        if (!ok) {
            throw new IllegalArgumentException(problem);
        }
    }
}
