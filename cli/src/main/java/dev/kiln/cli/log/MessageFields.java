package dev.kiln.cli.log;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import ch.qos.logback.classic.spi.ILoggingEvent;
import org.jspecify.annotations.Nullable;

/** Fields that a message says in its template: {@code build={}}, {@code reason="{}"}, {@code outcome=failed}. */
final class MessageFields {
    /** A field, or a place for a value outside of one. */
    private static final Pattern FIELD = Pattern
        .compile("(?<![\\w.-])([a-zA-Z][\\w-]*)=(?:\"([^\"]*)\"|([^\\s\",;]*[^\\s\",;:.)]))|\\{}");
    private static final Pattern PLACE = Pattern.compile("\\{}");

    private final @Nullable Object[] values;
    private int next;

    private MessageFields(@Nullable Object[] values) {
        this.values = values;
    }

    /** In the order of the message. */
    static Map<String, @Nullable Object> of(ILoggingEvent event) {
        @Nullable
        String template = event.getMessage();
        @Nullable
        Object @Nullable [] given = event.getArgumentArray();
        return template == null ? Map.of() : new MessageFields(given == null ? new Object[0] : given).read(template);
    }

    private Map<String, @Nullable Object> read(String template) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        Matcher found = FIELD.matcher(template);
        while (found.find()) {
            @Nullable
            String name = found.group(1);
            if (name == null) {
                next++;
            } else {
                fields.put(name, value(found.group(2) == null ? found.group(3) : found.group(2)));
            }
        }
        return fields;
    }

    /** A value alone keeps its type. */
    private @Nullable Object value(String text) {
        if (text.equals("{}")) {
            return take();
        }
        return PLACE.matcher(text).replaceAll(_ -> Matcher.quoteReplacement(String.valueOf(take())));
    }

    private @Nullable Object take() {
        return next < values.length ? values[next++] : "{}";
    }
}
