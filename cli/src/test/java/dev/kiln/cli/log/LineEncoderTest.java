package dev.kiln.cli.log;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class LineEncoderTest {
    private final LoggerContext context = new LoggerContext();

    private String line(String format, Map<String, String> mdc, Throwable thrown, String template, Object... values) {
        LineEncoder encoder = new LineEncoder();
        encoder.setContext(context);
        encoder.setFormat(format);
        encoder.start();
        LoggingEvent event = new LoggingEvent("here", context.getLogger("dev.kiln.Some"), Level.WARN, template, thrown,
                values);
        event.setTimeStamp(1_700_000_000_123L);
        event.setMDCPropertyMap(mdc);
        return new String(encoder.encode(event), StandardCharsets.UTF_8);
    }

    private JsonNode json(Map<String, String> mdc, Throwable thrown, String template, Object... values) {
        String line = line("json", mdc, thrown, template, values);
        assertThat(line).endsWith("}\n").hasLineCount(1);
        return JsonMapper.shared().readTree(line);
    }

    @Test
    void json_hasWhatEveryLineHas_andTheFieldsOfMessageAndThread() {
        JsonNode line = json(Map.of("build", "b1", "attempt", "a1"), null,
                "action=collect {} items={} reason=\"disk {} full\" at={}:{}, outcome=failed.", "now", 3, "sda", "h",
                7);
        assertThat(line.get("time").stringValue()).isEqualTo("2023-11-14T22:13:20.123Z");
        assertThat(line.get("level").stringValue()).isEqualTo("WARN");
        assertThat(line.get("logger").stringValue()).isEqualTo("dev.kiln.Some");
        assertThat(line.get("message").stringValue())
            .isEqualTo("action=collect now items=3 reason=\"disk sda full\" at=h:7, outcome=failed.");
        assertThat(line.get("action").stringValue()).isEqualTo("collect");
        assertThat(line.get("items").intValue()).isEqualTo(3);
        assertThat(line.get("reason").stringValue()).isEqualTo("disk sda full");
        assertThat(line.get("at").stringValue()).isEqualTo("h:7");
        assertThat(line.get("outcome").stringValue()).isEqualTo("failed");
        assertThat(line.get("build").stringValue()).isEqualTo("b1");
        assertThat(line.get("attempt").stringValue()).isEqualTo("a1");
        assertThat(line.has("exception")).isFalse();
    }

    @Test
    void json_valueWithLinesAndKeysOfItsOwn_isOneFieldOfOneLine() {
        JsonNode line = json(Map.of(), new IOException("broke\nin two"), "path={} done", "x\n\"level\": level=INFO");
        assertThat(line.get("path").stringValue()).isEqualTo("x\n\"level\": level=INFO");
        assertThat(line.get("level").stringValue()).isEqualTo("WARN");
        assertThat(line.has("level_")).isFalse();
        assertThat(line.get("exception").stringValue()).contains("IOException: broke\nin two", "LineEncoderTest");
    }

    @Test
    void json_fieldNamedAsOneOfEveryLine_standsBesideIt() {
        JsonNode line = json(Map.of(), null, "message={} level={}", "hello", 4);
        assertThat(line.get("message").stringValue()).isEqualTo("message=hello level=4");
        assertThat(line.get("message_").stringValue()).isEqualTo("hello");
        assertThat(line.get("level_").intValue()).isEqualTo(4);
    }

    @Test
    void json_endlessMessage_isCutOff() {
        JsonNode line = json(Map.of(), null, "text={}", "x".repeat(1 << 20));
        assertThat(line.get("message").stringValue()).hasSizeLessThan(33 << 10).endsWith("...");
        assertThat(line.get("text").stringValue()).hasSizeLessThan(33 << 10);
    }

    @Test
    void text_saysFieldsOfTheThreadThatTheMessageDoesNot() {
        assertThat(line("text", Map.of("build", "b1", "attempt", "a1"), null, "build={} ended", "b1"))
            .isEqualTo("2023-11-14T22:13:20.123Z WARN  dev.kiln.Some build=b1 ended attempt=a1"
                    + System.lineSeparator());
        assertThat(line("", Map.of(), new IOException("broke"), "failed")).startsWith(
                "2023-11-14T22:13:20.123Z WARN  dev.kiln.Some failed" + System.lineSeparator()
                        + "java.io.IOException: broke");
    }

    @Test
    void format_thatIsNone_isRefused() {
        assertThatThrownBy(() -> LogFormat.of(Map.of(LogFormat.VARIABLE, "xml")))
            .hasMessage("KILN_LOG_FORMAT=xml: expected text or json");
        assertThat(LogFormat.of(Map.of())).isEqualTo(LogFormat.TEXT);
        assertThat(LogFormat.of(Map.of(LogFormat.VARIABLE, "json"))).isEqualTo(LogFormat.JSON);
    }
}
