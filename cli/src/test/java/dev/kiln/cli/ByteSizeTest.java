package dev.kiln.cli;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class ByteSizeTest {

    @ParameterizedTest
    @CsvSource({"0,0", "17,17", "1b,1", "2k,2048", "512m,536870912", "1.5g,1610612736", "4GiB,4294967296",
        "1t,1099511627776"})
    void parse_sizeOfDocker_isBytes(String text, long bytes) {
        assertThat(ByteSize.parse(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "m", "-1", "1x", "1 g", "0x10"})
    void parse_otherText_isRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> ByteSize.parse(text));
    }

    @ParameterizedTest
    @CsvSource({"0,0 B", "1023,1023 B", "1024,1.0 KiB", "1572864,1.5 MiB"})
    void show_bytes_inLargestUnit(long bytes, String text) {
        assertThat(ByteSize.show(bytes)).isEqualTo(text);
    }
}
