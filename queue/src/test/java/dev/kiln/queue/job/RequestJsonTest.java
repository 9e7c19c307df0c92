package dev.kiln.queue.job;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.kiln.queue.Samples;
import dev.kiln.queue.json.JsonException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RequestJsonTest {
    private static final String CONTEXT = "\"context\":{\"type\":\"uploaded\",\"digest\":\"" + Samples.DIGEST
            + "\",\"size\":1}";

    @Test
    void newRequest_withoutIdAndTime_takesTheGivenOnesAndDefaults() {
        BuildRequest request = RequestJson.readNew(bytes("{" + CONTEXT + ",\"id\":17,\"later\":{\"a\":[1]}}"),
                Samples.ID,
                Samples.TIME);
        assertThat(request).isEqualTo(
                BuildRequest.of(Samples.ID, Samples.TIME, new ContextRef.Uploaded(Samples.DIGEST, 1)));
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
            "outputs":[{"type":"folder"}]           | outputs[0].type   | known: image, files
            "outputs":[{"type":"image","push":"tags"}] |                | an output that pushes needs a name
            "outputs":[{"type":"image","push":"yes"}]  | outputs[0].push | expected tags or digest
            "outputs":[{"type":"image","names":["a@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"]}] | outputs[0] | holds a digest
            "outputs":[{"type":"image","compressionLevel":3}] | outputs[0].compressionLevel | without a compression
            "outputs":[{"type":"image","compression":"zstd","compressionLevel":23}] | outputs[0].compression | zstd has levels 0 to 22, not 23
            "outputs":[{"type":"image","compression":"estargz"}] | outputs[0].compression | known: uncompressed, gzip, zstd
            "outputs":[{"type":"image","compression":"zstd","ociMediaTypes":false}] | outputs[0] | conflicts with oci-mediatypes=false
            "outputs":[{"type":"image","annotations":["a"]}] | outputs[0].annotations[0] | expected [TYPE:]KEY=VALUE
            "names":["a"],"push":true,"outputs":[{"type":"files"}] |    | say so in the output
            "push":"yes"                            | push              | expected true or false
            "network":"bridge"                      | network           | none, host or private
            "limits":{"memoryBytes":1}              | limits            | memory limit below
            "limits":{"pids":1.5}                   | limits.pids       | whole number
            "platform":"linux"                      | platform          | invalid platform "linux"
            "hosts":["a"]                           | hosts[0]          | expected NAME=ADDRESS
            "hosts":["a=host-gateway"]              | hosts[0]          | host-gateway is not supported
            "hosts":["a=1.2.3"]                     | hosts[0]          | invalid IP address "1.2.3"
            "hosts":["a=1.2.3.256"]                 | hosts[0]          | invalid IP address "1.2.3.256"
            "hosts":["a=::1%eth0"]                  | hosts[0]          | invalid IP address
            "hosts":["a b=::1"]                     | hosts[0]          | invalid host name "a b"
            "sharedMemory":0                        |                   | more than 0
            "ulimits":["nofiles=1"]                 | ulimits[0]        | invalid ulimit type "nofiles"
            "ulimits":["nofile=2:1"]                | ulimits[0]        | less than or equal to hard limit: 2 > 1
            "ulimits":["nofile=-1:1"]               | ulimits[0]        | less than or equal to hard limit
            "ulimits":["nofile=1:2:3"]              | ulimits[0]        | can only have up to two
            "ulimits":["nofile=x"]                  | ulimits[0]        | expected a number or -1
            "ulimits":["core=1","core=2"]           |                   | given twice
            "entitlements":["device"]               | entitlements[0]   | unknown entitlement "device"
            "secrets":["a","a"]                     |                   | same id
            "ssh":[" "]                             |                   | id of a secret
            "noCacheStages":[""]                    |                   | empty name
            "cacheFrom":["a"]                       | cacheFrom[0]      | expected an object
            "cacheFrom":[{"type":"s3"}]             | cacheFrom[0].type | known: registry
            "cacheFrom":[{"type":"registry","reference":"A"}] | cacheFrom[0].reference | invalid repository
            "cacheTo":[{"type":"local"}]            | cacheTo[0].type   | known: registry, mounts, inline
            "cacheTo":[{"type":"registry","reference":"a","mode":"mid"}] | cacheTo[0].mode | expected min, max
            "cacheTo":[{"type":"registry","reference":"a","form":"tar"}] | cacheTo[0].form | expected image, index, list
            "cacheTo":[{"type":"registry","reference":"a@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}] | cacheTo[0] | names a digest
            "namedContexts":{"a":{"type":"empty"}}  | namedContexts.a   | cannot be empty
            "namedContexts":{"a":{"type":"target"}} | namedContexts.a.type | unknown kind of context
            "namedContexts":{"a":{"type":"image","reference":"A"}} | namedContexts.a.reference | invalid repository
            "namedContexts":{"":{"type":"git","address":"x"}} |         | needs a name
            "dockerfileFrom":{"type":"git","address":"x"} | dockerfileFrom.type | expected uploaded
            "context":{"type":"empty"}              |                   | needs a Dockerfile of its own
            "context":{"type":"git","address":""}   | context           | a git address has
            "context":{"type":"http","address":"ftp://h/x"} | context.address | expected an http or https
            "context":{"type":"http","address":"http://u:p@h/x"} | context.address | must not hold credentials
            "context":{"type":"ftp"}                | context.type      | unknown kind of context
            "context":{"type":"uploaded","size":1}  | context.digest    | missing
            """)
    void newRequest_badField_isRefusedByName(String field, String place, String problem) {
        String json = "{" + (field.startsWith("\"context\"") ? "" : CONTEXT + ",") + field + "}";
        assertThatThrownBy(() -> RequestJson.readNew(bytes(json), Samples.ID, Samples.TIME))
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
        assertThatThrownBy(
                () -> RequestJson.readNew(bytes("{" + CONTEXT + ",\"buildArgs\":{" + args + "}}"), Samples.ID,
                        Samples.TIME))
            .hasMessage("buildArgs: has 4097 entries, more than the 4096 that are accepted");
    }

    @Test
    void newRequest_asLargeAsAccepted_canBeReadBack() {
        String start = "{" + CONTEXT + ",\"buildArgs\":{\"A\":\"";
        byte[] largest = bytes(start + "x".repeat(RequestJson.MAX_NEW_BYTES - start.length() - 3) + "\"}}");
        assertThat(largest).hasSize(RequestJson.MAX_NEW_BYTES);
        BuildRequest request = RequestJson.readNew(largest, Samples.ID, Samples.TIME);
        assertThat(RequestJson.read(RequestJson.write(request))).isEqualTo(request);
    }

    @Test
    void request_withSecrets_saysTheirNamesOnly() {
        Job job = Samples.sealedJob(Samples.ID);
        assertThat(new String(RequestJson.write(job.request()), StandardCharsets.UTF_8))
            .doesNotContain(job.secrets().orElseThrow().digest().hex() + "\",\"size\":99");
        assertThatThrownBy(() -> Job.of(job.request())).hasMessageContaining("sealed secrets");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
