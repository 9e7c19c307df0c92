package dev.kiln.dockerfile.remote;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The part of an address after its question mark. */
final class Query {

    private Query() {}

    /** Every key with its values, in the order in which they stand there; a pair that cannot be read is left out. */
    static Map<String, List<String>> parse(String text) {
        Map<String, List<String>> out = new LinkedHashMap<>();
        for (String pair : text.split("&")) {
            if (pair.isEmpty() || pair.indexOf(';') >= 0) {
                continue;
            }
            int equals = pair.indexOf('=');
            String key = equals < 0 ? pair : pair.substring(0, equals);
            String value = equals < 0 ? "" : pair.substring(equals + 1);
            Percent.decode(key.replace('+', ' '))
                .ifPresent(name -> Percent.decode(value.replace('+', ' '))
                    .ifPresent(said -> out.computeIfAbsent(name, any -> new ArrayList<>()).add(said)));
        }
        return out;
    }

    /** Whether every pair can be read. */
    static boolean isReadable(String text) {
        return text.indexOf(';') < 0 && Percent.decode(text).isPresent();
    }
}
