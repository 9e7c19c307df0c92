package dev.kiln.api.http;

import java.io.IOException;
import java.io.InputStream;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** JSON from strangers, bounded in size and depth, and JSON to them. */
public final class Json {
    private static final JsonMapper MAPPER = JsonMapper
        .builder(JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(64).maxNameLength(4096).maxNumberLength(64).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build())
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .build();

    private Json() {}

    /** An empty object to set fields on. */
    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    public static ArrayNode array() {
        return MAPPER.createArrayNode();
    }

    public static byte[] write(JsonNode node) {
        return MAPPER.writeValueAsBytes(node);
    }

    /**
     * Reads a whole body as one object.
     *
     * @throws ProblemException {@code TOO_LARGE} beyond {@code maxBytes}; {@code INVALID_REQUEST} when it is no JSON
     *         object, nested deeper than 64, or has a field twice
     */
    public static ObjectNode read(InputStream body, int maxBytes) throws IOException {
        byte[] text = body.readNBytes(maxBytes + 1);
        if (text.length > maxBytes) {
            throw new ProblemException(HttpProblem.TOO_LARGE,
                    "the JSON document has more than the " + maxBytes + " bytes that are read here")
                .with("limit", maxBytes);
        }
        return parse(text);
    }

    /** Reads one object, under the same conditions. */
    public static ObjectNode parse(byte[] text) {
        try {
            if (MAPPER.readTree(text) instanceof ObjectNode object) {
                return object;
            }
            throw new ProblemException(HttpProblem.INVALID_REQUEST, "the body is no JSON object");
        } catch (JacksonException e) {
            String place = e.getLocation() == null
                    ? ""
                    : " at line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr();
            throw new ProblemException(HttpProblem.INVALID_REQUEST,
                    "the body is not valid JSON" + place + ": " + e.getOriginalMessage(), e);
        }
    }
}
