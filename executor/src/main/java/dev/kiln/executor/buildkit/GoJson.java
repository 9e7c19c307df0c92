package dev.kiln.executor.buildkit;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;

/**
 * A JSON object with the very bytes that Go's {@code encoding/json} gives: digests are made of them. Fields stand in the
 * order of the calls; those named after what they leave out are absent then.
 */
final class GoJson {
    private final StringBuilder text = new StringBuilder("{");

    private GoJson() {}

    static GoJson object() {
        return new GoJson();
    }

    GoJson string(String name, String value) {
        field(name);
        quote(value);
        return this;
    }

    GoJson nonEmpty(String name, String value) {
        return value.isEmpty() ? this : string(name, value);
    }

    GoJson number(String name, long value) {
        field(name);
        text.append(value);
        return this;
    }

    GoJson nonZero(String name, long value) {
        return value == 0 ? this : number(name, value);
    }

    GoJson flag(String name, boolean value) {
        if (value) {
            field(name);
            text.append(true);
        }
        return this;
    }

    GoJson nonEmpty(String name, List<String> values) {
        return list(name, values, value -> {
            quote(value);
            return text;
        });
    }

    GoJson object(String name, GoJson value) {
        field(name);
        text.append(value);
        return this;
    }

    GoJson objects(String name, List<GoJson> values) {
        return list(name, values, text::append);
    }

    /** Bytes, in base 64. */
    GoJson bytes(String name, byte[] value) {
        if (value.length > 0) {
            field(name);
            text.append('"').append(Base64.getEncoder().encodeToString(value)).append('"');
        }
        return this;
    }

    /** Texts as lists of bytes. */
    GoJson blobs(String name, List<String> values) {
        return list(name, values, value -> text.append('"')
            .append(Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8)))
            .append('"'));
    }

    GoJson numbers(String name, List<List<Integer>> values) {
        return list(name, values, row -> text.append(row.toString().replace(" ", "")));
    }

    /** Values that are JSON already. */
    GoJson raw(String name, List<String> values) {
        return list(name, values, text::append);
    }

    private <T> GoJson list(String name, List<T> values, Function<T, StringBuilder> write) {
        if (!values.isEmpty()) {
            field(name);
            char separator = '[';
            for (T value : values) {
                text.append(separator);
                StringBuilder _ = write.apply(value);
                separator = ',';
            }
            text.append(']');
        }
        return this;
    }

    private void field(String name) {
        if (text.length() > 1) {
            text.append(',');
        }
        quote(name);
        text.append(':');
    }

    private void quote(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            character(value.charAt(i));
        }
        text.append('"');
    }

    private void character(char c) {
        switch (c) {
            case '"' -> text.append("\\\"");
            case '\\' -> text.append("\\\\");
            case '\b' -> text.append("\\b");
            case '\f' -> text.append("\\f");
            case '\n' -> text.append("\\n");
            case '\r' -> text.append("\\r");
            case '\t' -> text.append("\\t");
            case '<', '>', '&', '\u2028', '\u2029' -> text.append("\\u%04x".formatted((int) c));
            default -> {
                if (c < ' ') {
                    text.append("\\u%04x".formatted((int) c));
                } else {
                    text.append(c);
                }
            }
        }
    }

    /** The whole object. */
    @Override
    public String toString() {
        return text + "}";
    }
}
