package dev.kiln.cli.build;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.cli.client.ApiClient;
import dev.kiln.dockerfile.source.SourceRange;

/** JSON laid out as Go's encoder does it with an indent of two, so that the answers of buildx and of Kiln compare as text. */
final class AnswerJson {
    private static final String INDENT = "  ";

    private AnswerJson() {}

    /** Where an instruction is, as BuildKit says it: line by line. */
    static ObjectNode location(SourceRange range) {
        ObjectNode location = ApiClient.newObject();
        ArrayNode ranges = location.putArray("ranges");
        for (int line = range.startLine(); line <= range.endLine(); line++) {
            ObjectNode one = ranges.addObject();
            one.putObject("start").put("line", line);
            one.putObject("end").put("line", line);
        }
        return location;
    }

    /** The field {@code sources}: the file itself. */
    static void putSource(ObjectNode answer, byte[] file) {
        answer.putArray("sources").add(Base64.getEncoder().encodeToString(file));
    }

    static String write(ObjectNode answer) {
        StringBuilder out = new StringBuilder();
        write(answer, "\n", out);
        return out.append('\n').toString();
    }

    private static void write(JsonNode node, String newLine, StringBuilder out) {
        switch (node) {
            case ObjectNode object -> {
                String separator = "{";
                for (String name : object.propertyNames()) {
                    out.append(separator).append(newLine).append(INDENT);
                    quote(name, out);
                    out.append(": ");
                    write(object.get(name), newLine + INDENT, out);
                    separator = ",";
                }
                out.append(object.isEmpty() ? "{}" : newLine + "}");
            }
            case ArrayNode array -> {
                String separator = "[";
                for (JsonNode element : array) {
                    out.append(separator).append(newLine).append(INDENT);
                    write(element, newLine + INDENT, out);
                    separator = ",";
                }
                out.append(array.isEmpty() ? "[]" : newLine + "]");
            }
            default -> {
                if (node.isString()) {
                    quote(node.stringValue(), out);
                } else {
                    out.append(node);
                }
            }
        }
    }

    /** Go also escapes what HTML or JavaScript could take for its own. */
    private static void quote(String text, StringBuilder out) {
        out.append('"');
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        for (char c : new String(utf8, StandardCharsets.UTF_8).toCharArray()) {
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '<', '>', '&', '\u2028', '\u2029' -> escape(c, out);
                default -> {
                    if (c < ' ') {
                        escape(c, out);
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private static void escape(char c, StringBuilder out) {
        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
    }
}
