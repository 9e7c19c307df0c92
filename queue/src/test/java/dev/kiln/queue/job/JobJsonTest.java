package dev.kiln.queue.job;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.kiln.queue.Samples;
import dev.kiln.queue.json.JsonException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class JobJsonTest {
    private static final String CONTEXT = "\"context\":{\"type\":\"uploaded\",\"digest\":\"" + Samples.DIGEST
            + "\",\"size\":1}";

    @Test
    void newRequest_withoutIdAndTime_takesTheGivenOnesAndDefaults() {
        BuildRequest request = JobJson.readNew(bytes("{" + CONTEXT + ",\"id\":17,\"later\":{\"a\":[1]}}"), Samples.ID,
                Samples.TIME);
        assertThat(request).isEqualTo(new BuildRequest(Samples.ID, Samples.TIME,
                new ContextRef.Uploaded(Samples.DIGEST, 1), "Dockerfile", Optional.empty(), Map.of(), Map.of(),
                List.of(), false, false, Optional.empty(), StepLimits.DEFAULT));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            "dockerfile":7                          | dockerfile        | expected a string, got a number
            "dockerfile":" "                        |                   | the path of the Dockerfile is empty
            "dockerfile":"a\\u0000"                 |                   | NUL
            "dockerfile":"\\ud800"                  | dockerfile        | half a surrogate pair
            "buildArgs":{"A":null}                  | buildArgs.A       | missing
            "buildArgs":{"A":1}                     | buildArgs.A       | expected a string
            "buildArgs":{"A=B":"1"}                 |                   | without "="
            "buildArgs":["A"]                       | buildArgs         | expected an object, got a list
            "names":["ok","Not OK"]                 | names[1]          | invalid repository name
            "names":"app"                           | names             | expected a list
            "push":true                             |                   | needs a name
            "push":"yes"                            | push              | expected true or false
            "network":"bridge"                      | network           | none, host or private
            "limits":{"memoryBytes":1}              | limits            | memory limit below
            "limits":{"pids":1.5}                   | limits.pids       | whole number
            "context":{"type":"ftp"}                | context.type      | unknown kind of context
            "context":{"type":"uploaded","size":1}  | context.digest    | missing
            """)
    void newRequest_badField_isRefusedByName(String field, String place, String problem) {
        String json = "{" + (field.startsWith("\"context\"") ? "" : CONTEXT + ",") + field + "}";
        assertThatThrownBy(() -> JobJson.readNew(bytes(json), Samples.ID, Samples.TIME))
            .isInstanceOf(JsonException.class)
            .hasMessageContaining(problem)
            .extracting(e -> ((JsonException) e).field())
            .isEqualTo(place == null ? "" : place);
    }

    @Test
    void newRequest_tooManyArguments_isRefused() {
        StringBuilder args = new StringBuilder("\"A\":\"\"");
        for (int i = 0; i < 4096; i++) {
            args.append(",\"A").append(i).append("\":\"\"");
        }
        assertThatThrownBy(() -> JobJson.readNew(bytes("{" + CONTEXT + ",\"buildArgs\":{" + args + "}}"), Samples.ID,
                Samples.TIME))
            .hasMessage("buildArgs: has 4097 entries, more than the 4096 that are accepted");
    }

    @Test
    void newRequest_asLargeAsAccepted_canBeReadBack() {
        String start = "{" + CONTEXT + ",\"buildArgs\":{\"A\":\"";
        byte[] largest = bytes(start + "x".repeat(JobJson.MAX_NEW_BYTES - start.length() - 3) + "\"}}");
        assertThat(largest).hasSize(JobJson.MAX_NEW_BYTES);
        BuildRequest request = JobJson.readNew(largest, Samples.ID, Samples.TIME);
        assertThat(JobJson.read(JobJson.write(request))).isEqualTo(request);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
