package dev.kiln.cli.build;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import static org.assertj.core.api.Assertions.assertThat;

class NamedImagesTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static ObjectNode request(String json) {
        return (ObjectNode) JSON.readTree(json);
    }

    /** Where an output pushes to, the build has to log in. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            {"names":["a"],"push":true}                                                     | [a]
            {"names":["a"],"push":false}                                                    | []
            {"names":["a"],"outputs":[{"type":"image"},{"type":"files"}]}                   | []
            {"names":["a"],"outputs":[{"type":"image","push":"tags"}]}                      | [a]
            {"names":["a"],"outputs":[{"type":"image","push":"digest","names":["h.example/b"]}]} | [h.example/b]
            """)
    void request_whereItPushesTo(String json, String expected) {
        assertThat(NamedImages.ofRequest(request(json))).hasToString(expected);
    }

    @Test
    void request_cachesAndContexts() {
        assertThat(NamedImages.ofRequest(request("""
                {"cacheTo":[{"type":"registry","reference":"h.example/c"}],
                 "namedContexts":{"base":{"type":"image","reference":"h.example/d"}}}""")))
            .hasToString("[h.example/c, h.example/d]");
    }
}
