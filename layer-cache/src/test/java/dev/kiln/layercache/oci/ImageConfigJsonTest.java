package dev.kiln.layercache.oci;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ImageConfigJsonTest {

    @Test
    void encode_emptyImage_hasTheRequiredFields() {
        byte[] json = ImageConfigJson.encode(ImageConfig.empty(Platform.parse("linux/amd64")));

        assertThat(new String(json, StandardCharsets.UTF_8)).isEqualTo(
                """
                {"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[]},"history":[]}""");
    }

    @Test
    void decode_entrypoint_nullAndEmptyDiffer() {
        assertThat(decode("{\"Entrypoint\":null,\"Cmd\":[]}").config())
            .satisfies(c -> assertThat(c.entrypoint()).isEmpty())
            .satisfies(c -> assertThat(c.cmd()).contains(List.of()));
    }

    @Test
    void encode_controlAndHalfCharacters_staysValidJson() {
        ImageConfig config = decode("{\"Env\":[\"A=\\u0000\\u001f\\ud800x\\uD83D\\uDE00\"]}");

        byte[] json = ImageConfigJson.encode(config);

        assertThat(ImageConfigJson.decode(json).config().env()).containsExactly("A=\u0000\u001f?x😀");
    }

    @Test
    void withConfig_changesNothingElse() {
        ImageConfig config = decode("{\"User\":\"a\"}");

        assertThat(config.withConfig(ImageConfig.RunConfig.EMPTY))
            .isEqualTo(ImageConfig.empty(Platform.parse("linux/amd64")));
    }

    @Test
    void decode_withoutConfig_hasDefaults() {
        ImageConfig config = ImageConfigJson.decode("{\"os\":\"linux\",\"architecture\":\"amd64\"}".getBytes());

        assertThat(config.config()).isEqualTo(ImageConfig.RunConfig.EMPTY);
        assertThat(config.created()).isEqualTo(Optional.empty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{}|the image config.os is missing",
        "{\"os\":\"linux\"}|the image config.architecture is missing",
        "{\"os\":\"linux\",\"architecture\":\"amd64\",\"created\":\"yesterday\"}|the image config.created is not a time",
        "{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{\"Env\":\"A=1\"}}|the image config.config.Env is not a list",
        "{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{\"Env\":[1]}}|the image config.config.Env[0] is not a text",
        "{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{\"Labels\":[]}}|the image config.config.Labels is not a JSON object",
        "{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"diff_ids\":[\"x\"]}}|the image config.rootfs.diff_ids: invalid digest",
        "{\"os\":\"linux\",\"architecture\":\"amd64\",\"history\":[{},{\"empty_layer\":1}]}|the image config.history[1].empty_layer is not true or false"})
    void decode_wrongField_namesIt(String json, String message) {
        assertThatThrownBy(() -> ImageConfigJson.decode(json.getBytes(StandardCharsets.UTF_8)))
            .isInstanceOf(OciException.class)
            .hasMessageStartingWith(message);
    }

    private static ImageConfig decode(String config) {
        return ImageConfigJson
            .decode(("{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":" + config + "}").getBytes());
    }
}
