package dev.kiln.executor.buildkit;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class GoJsonTest {

    @Test
    void texts_areEscapedAsGoDoes() {
        assertThat(GoJson.object().string("a", "<&>\"\\\b\f\n\r\t\u0001\u007f\u2028ü€"))
            .hasToString("{\"a\":\"\\u003c\\u0026\\u003e\\\"\\\\\\b\\f\\n\\r\\t\\u0001\u007f\\u2028ü€\"}");
    }

    @Test
    void emptyValues_areLeftOutWhereTheNameSaysSo() {
        assertThat(GoJson.object()
            .string("a", "")
            .nonEmpty("b", "")
            .nonZero("c", 0)
            .flag("d", false)
            .nonEmpty("e", List.of())
            .bytes("f", new byte[0])
            .number("g", 0)
            .numbers("h", List.of(List.of(-1, 0))))
            .hasToString("{\"a\":\"\",\"g\":0,\"h\":[[-1,0]]}");
    }
}
