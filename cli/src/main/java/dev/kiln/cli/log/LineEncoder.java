package dev.kiln.cli.log;

import java.nio.charset.StandardCharsets;
import java.util.function.Function;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;

/** Writes log lines in the form that {@code logback.xml} names; what a command does not know it has refused before. */
public final class LineEncoder extends EncoderBase<ILoggingEvent> {
    private static final byte[] NOTHING = {};

    private String format = "";
    private Function<ILoggingEvent, byte[]> line = _ -> NOTHING;

    /** Called by Logback: {@code text} or {@code json}. */
    public void setFormat(String word) {
        format = word;
    }

    @Override
    public void start() {
        try {
            line = switch (LogFormat.parse(format)) {
                case TEXT -> text();
                case JSON -> new JsonLine()::bytes;
            };
        } catch (IllegalArgumentException e) {
            addError(e.getMessage(), e);
            line = text();
        }
        super.start();
    }

    private Function<ILoggingEvent, byte[]> text() {
        TextLine text = new TextLine(getContext());
        return event -> text.of(event).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] headerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        return line.apply(event);
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }
}
