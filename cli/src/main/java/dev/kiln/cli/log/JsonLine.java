package dev.kiln.cli.log;

import java.time.Instant;
import java.util.List;
import java.util.Set;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A line for programs: one JSON object with {@code time}, {@code level}, {@code logger}, {@code message}, the fields of the
 * message and of the thread, and {@code exception}. Safe for many threads.
 */
final class JsonLine {
    /** Characters of a message or a stack trace; what is longer is cut off. */
    private static final int LONGEST = 32 << 10;
    private static final Set<String> OURS = Set.of("time", "level", "logger", "message", "exception");

    private final JsonMapper json = JsonMapper.shared();

    byte[] bytes(ILoggingEvent event) {
        ObjectNode line = json.createObjectNode();
        line.put("time", Instant.ofEpochMilli(event.getTimeStamp()).toString());
        line.put("level", event.getLevel().toString());
        line.put("logger", event.getLoggerName());
        line.put("message", shortened(event.getFormattedMessage()));
        event.getMDCPropertyMap().forEach((name, value) -> put(line, name, value));
        MessageFields.of(event).forEach((name, value) -> put(line, name, value));
        @Nullable
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        if (pairs != null) {
            pairs.forEach(pair -> put(line, pair.key, pair.value));
        }
        @Nullable
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null) {
            line.put("exception", shortened(ThrowableProxyUtil.asString(thrown)));
        }
        byte[] object = json.writeValueAsBytes(line);
        byte[] ended = java.util.Arrays.copyOf(object, object.length + 1);
        ended[object.length] = '\n';
        return ended;
    }

    /** A field never takes the place of what every line has. */
    private static void put(ObjectNode line, String name, @Nullable Object value) {
        String key = OURS.contains(name) ? name + "_" : name;
        switch (value) {
            case null -> line.putNull(key);
            case Integer number -> line.put(key, number);
            case Long number -> line.put(key, number);
            case Boolean truth -> line.put(key, truth);
            default -> line.put(key, shortened(String.valueOf(value)));
        }
    }

    private static String shortened(@Nullable String text) {
        String all = String.valueOf(text);
        return all.length() <= LONGEST ? all : all.substring(0, LONGEST) + "...";
    }
}
