package dev.kiln.executor.worker;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** A YAML document that knows on which line each of its parts stands, so that what is wrong can be found. */
sealed interface YamlTree {
    /** Deeper than anything that is a configuration. */
    int DEEPEST = 16;

    int line();

    /** @param text as it is written, whatever type YAML gives it; empty for nothing */
    record Scalar(int line, String text) implements YamlTree {}

    record Items(int line, List<YamlTree> items) implements YamlTree {}

    /** @param fields in the order of the document */
    record Fields(int line, Map<String, YamlTree> fields) implements YamlTree {}

    /** @throws IllegalArgumentException saying where it is no YAML, or has the same key twice */
    static YamlTree parse(byte[] document) {
        try (JsonParser parser = YAMLMapper.builder().build().createParser(document)) {
            JsonToken first = parser.nextToken();
            return first == null ? new Scalar(1, "") : read(parser, 0);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    (e.getLocation() == null ? "" : e.getLocation().getLineNr() + ": ") + "not valid YAML", e);
        }
    }

    private static YamlTree read(JsonParser parser, int depth) {
        int line = parser.currentTokenLocation().getLineNr();
        if (depth > DEEPEST) {
            throw new IllegalArgumentException(line + ": nested too deeply");
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> new Fields(line, fields(parser, depth));
            case START_ARRAY -> new Items(line, items(parser, depth));
            case VALUE_NULL -> new Scalar(line, "");
            default -> new Scalar(line, String.valueOf(parser.getString()));
        };
    }

    private static Map<String, YamlTree> fields(JsonParser parser, int depth) {
        Map<String, YamlTree> fields = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            int line = parser.currentTokenLocation().getLineNr();
            parser.nextToken();
            if (fields.put(name, read(parser, depth + 1)) != null) {
                throw new IllegalArgumentException(line + ": the key " + name + " stands here a second time");
            }
        }
        return fields;
    }

    private static List<YamlTree> items(JsonParser parser, int depth) {
        List<YamlTree> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(read(parser, depth + 1));
        }
        return items;
    }
}
