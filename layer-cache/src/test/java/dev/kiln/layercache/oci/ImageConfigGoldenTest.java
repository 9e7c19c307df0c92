package dev.kiln.layercache.oci;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Configs of other builders in {@code input.json}, as Kiln writes them in {@code canonical.json}. */
class ImageConfigGoldenTest {

    @ParameterizedTest
    @ValueSource(strings = {"busybox", "docker-full"})
    void encode_decodedConfig_isTheCanonicalForm(String name) throws IOException {
        ImageConfig config = ImageConfigJson.decode(read(name, "input.json"));

        byte[] canonical = ImageConfigJson.encode(config);

        assertThat(new String(canonical, StandardCharsets.UTF_8))
            .isEqualTo(new String(read(name, "canonical.json"), StandardCharsets.UTF_8).strip());
        assertThat(ImageConfigJson.decode(canonical)).isEqualTo(config);
    }

    private static byte[] read(String name, String file) throws IOException {
        try (InputStream in = ImageConfigGoldenTest.class.getResourceAsStream("/image-config/" + name + "/" + file)) {
            return in.readAllBytes();
        }
    }
}
