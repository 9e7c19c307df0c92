package dev.kiln.cli.log;

import java.util.TreeMap;

import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Context;

/** A line for people: time, level, logger, message, and the fields that the message does not name itself. */
final class TextLine {
    private final PatternLayout head;
    private final PatternLayout tail;

    TextLine(Context context) {
        head = layout(context, "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX,UTC} %-5level %logger{20} %msg%nopex");
        tail = layout(context, "%n%ex{full}");
    }

    private static PatternLayout layout(Context context, String pattern) {
        PatternLayout layout = new PatternLayout();
        layout.setContext(context);
        layout.setPattern(pattern);
        layout.start();
        return layout;
    }

    String of(ILoggingEvent event) {
        StringBuilder line = new StringBuilder(head.doLayout(event));
        String message = event.getFormattedMessage();
        new TreeMap<>(event.getMDCPropertyMap()).forEach((name, value) -> {
            if (!message.contains(name + "=")) {
                line.append(' ').append(name).append('=').append(value);
            }
        });
        return line.append(tail.doLayout(event)).toString();
    }
}
