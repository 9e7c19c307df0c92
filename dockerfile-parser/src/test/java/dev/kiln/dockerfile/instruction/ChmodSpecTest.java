package dev.kiln.dockerfile.instruction;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.dockerfile.source.DockerfileException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ChmodSpecTest {

    private static String applied(String spec, String mode, boolean directory) {
        return "%04o".formatted(ChmodSpec.parse(spec).apply(Integer.parseInt(mode, 8), directory));
    }

    @ParameterizedTest
    @CsvSource({"0,0000", "644,0644", "0755,0755", "7777,7777", "0000000644,0644"})
    @Tag("row:8.13")
    void octal_upTo07777_isTheMode(String spec, String mode) {
        assertThat(ChmodSpec.parse(spec)).isEqualTo(new ChmodSpec.Octal(Integer.parseInt(mode, 8)));
        assertThat(applied(spec, "0111", true)).isEqualTo(mode);
    }

    @ParameterizedTest
    @ValueSource(strings = {"64a", "10000", "8", "0o644", "0x1ff", "1_0", "99999999999999999999", "6 4", ""})
    @Tag("row:8.13")
    void octal_looksNumericButIsNot_isRefusedWithTheRange(String spec) {
        assertThatThrownBy(() -> ChmodSpec.parse(spec)).isInstanceOf(DockerfileException.class)
            .hasMessage(
                    "invalid chmod parameter: '" + spec + "'. it should be octal string and between 0 and 07777");
    }

    @ParameterizedTest
    @ValueSource(strings = {"u", "go", "x", "rw", "q+r", ",", "u+r,", ",u+r", "u+r,,g+w", "+644", "-1", "u+q", "u+r ",
        "u +r",
        "=é"})
    @Tag("row:8.13")
    void symbolic_malformed_isRefused(String spec) {
        assertThatThrownBy(() -> ChmodSpec.parse(spec)).isInstanceOf(DockerfileException.class)
            .hasMessageStartingWith("invalid chmod parameter: '" + spec + "'. invalid syntax");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ' ', value = {"u+x 0644 0744", "g-w 0664 0644", "a=r 0751 0444", "o= 0755 0750",
        "+x 0640 0751", "-w 0777 0555", "=rw 0711 0666", "u=rwx,go=rx 0000 0755", "ug+rw,o-rwx 0007 0660",
        "u+s 0755 4755", "g+s 0755 2755", "+s 0755 6755", "o+s 0755 0755", "u-s 6755 2755", "+t 0777 1777",
        "o+t 0777 0777", "-t 1777 0777", "+ 0421 0421", "- 0421 0421", "= 7777 1000", "u=rw-w 0777 0477",
        "go=u-w 0700 0755", "g=u 0640 0660", "u=g 0742 0442", "o=g 0750 0755", "u+go 0021 0321", "a-u 0531 0020",
        "u=rg 0070 0770", "u=gr 0030 0430"})
    @Tag("row:8.13")
    void symbolic_file_isChangedInOrder(String spec, String before, String after) {
        assertThat(applied(spec, before, false)).isEqualTo(after);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ' ', value = {"+X 0644 false 0644", "+X 0744 false 0755", "+X 0644 true 0755",
        "u+X 0001 false 0101", "u=rwX,go=rX 0644 false 0644", "u=rwX,go=rX 0755 false 0755",
        "u=rwX,go=rX 0750 true 0755",
        "u=rw+X,go=r+X 0755 false 0755",
        "u=rw+X,go=r+X 0700 true 0755", "a-x,+X 0711 false 0711", "-X 0755 true 0644", "go-X 0750 false 0740"})
    @Tag("row:8.13")
    void symbolic_capitalX_isForDirectoriesAndPrograms(String spec, String before, boolean directory, String after) {
        assertThat(applied(spec, before, directory)).isEqualTo(after);
    }

    @Test
    void symbolic_anyMode_onlyItsTwelveBitsCount() {
        assertThat(ChmodSpec.parse("u+x").apply(0100644, false)).isEqualTo(0744);
    }
}
