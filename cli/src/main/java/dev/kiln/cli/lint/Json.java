package dev.kiln.cli.lint;

import java.io.PrintWriter;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import tools.jackson.databind.json.JsonMapper;

/** Documents as maps and lists. Long lists are made while they are written, so that they need not fit in memory. */
final class Json {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private Json() {}

    /** @param pairs keys, which are strings, and values in turn */
    static Map<String, Object> object(Object... pairs) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            object.put((String) pairs[i], pairs[i + 1]);
        }
        return object;
    }

    static <T> Iterable<Object> array(List<T> of, Function<T, Object> element) {
        return new Iterable<>() {
            @Override
            public Iterator<Object> iterator() {
                return of.stream().map(element).iterator();
            }
        };
    }

    static void print(Map<String, Object> document, PrintWriter out) {
        // The writer stays open: it is the program's standard output.
        MAPPER.writerWithDefaultPrettyPrinter().writeValue(new OpenWriter(out), document);
        out.println();
        out.flush();
    }

    /** Does not pass on that it is closed. */
    private static final class OpenWriter extends java.io.FilterWriter {

        OpenWriter(PrintWriter out) {
            super(out);
        }

        @Override
        public void close() {
            ((PrintWriter) out).flush();
        }
    }
}
