package dev.kiln.executor.worker;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class Utf8DecoderTest {
    private final Utf8Decoder decoder = new Utf8Decoder();

    @Test
    void decode_characterSplitAnywhere_isWhole() {
        byte[] bytes = "aé€😀z".getBytes(StandardCharsets.UTF_8);
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) {
            text.append(decoder.decode(new byte[]{b}, 1, false));
        }
        text.append(decoder.decode(new byte[0], 0, true));
        assertThat(text.toString()).isEqualTo("aé€😀z");
    }

    @Test
    void decode_otherBytes_areReplacedAndNothingIsLost() {
        assertThat(decoder.decode(new byte[]{'a', (byte) 0xff, 'b', (byte) 0xe2}, 4, false)).isEqualTo("a\uFFFDb");
        assertThat(decoder.decode(new byte[0], 0, true)).isEqualTo("\uFFFD");
    }
}
