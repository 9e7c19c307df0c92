package dev.kiln.queue.json;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** JSON as bytes: UTF-8, compact, fields in the order they were set. */
public final class JsonText {
    private static final int MAX_DEPTH = 32;
    private static final JsonMapper MAPPER = mapper();

    private JsonText() {}

    /**
     * Reads one object.
     *
     * @param maxBytes longer input is refused before it is looked at
     * @throws JsonException when it is longer, no JSON, no object, nested deeper than 32, or has a field twice
     */
    public static JsonFields read(byte[] text, int maxBytes) {
        if (text.length > maxBytes) {
            throw new JsonException("", "the document has " + text.length + " bytes, more than the " + maxBytes
                    + " that are accepted");
        }
        return new JsonFields(parse(text), "");
    }

    public static byte[] write(ObjectNode object) {
        return MAPPER.writeValueAsBytes(object);
    }

    /** An empty object to set fields on. */
    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static ObjectNode parse(byte[] text) {
        try {
            JsonNode node = MAPPER.readTree(text);
            if (node instanceof ObjectNode object) {
                return object;
            }
            throw new JsonException("", "expected a JSON object, got " + JsonFields.kind(node));
        } catch (JacksonException e) {
            throw new JsonException("", "not valid JSON" + place(e.getLocation()) + ": " + e.getOriginalMessage(), e);
        }
    }

    private static String place(@Nullable TokenStreamLocation location) {
        return location == null ? "" : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    private static JsonMapper mapper() {
        StreamReadConstraints bounds = StreamReadConstraints.builder()
            .maxNestingDepth(MAX_DEPTH)
            .maxStringLength(Integer.MAX_VALUE)
            .maxNameLength(4096)
            .maxNumberLength(64)
            .build();
        return JsonMapper
            .builder(JsonFactory.builder()
                .streamReadConstraints(bounds)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    }
}
