package dev.kiln.layercache.posix;

import java.nio.file.Path;

import org.junit.jupiter.api.Test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class RawPathTest {

    @Test
    void of_asciiPath_hasItsBytes() {
        assertThat(RawPath.of(Path.of("/a/b c"))).isEqualTo(RawPath.ofUtf8("/a/b c"));
    }

    @Test
    void of_nonAsciiPath_hasItsBytes() {
        assertThat(RawPath.of(Path.of("/gr\u00fcn/%41")).bytes()).isEqualTo("/gr\u00fcn/%41".getBytes(UTF_8));
    }

    @Test
    void resolve_joinsWithOneSlash() {
        RawPath name = RawPath.ofUtf8("x");
        assertThat(RawPath.ofUtf8("/a").resolve(name)).hasToString("/a/x");
        assertThat(RawPath.ofUtf8("/").resolve(name)).hasToString("/x");
        assertThat(RawPath.ofUtf8("").resolve(name)).hasToString("x");
        assertThat(name.resolve(RawPath.ofUtf8(""))).isEqualTo(name);
    }

    @Test
    void parentAndName_cutAtTheLastSlash() {
        assertThat(RawPath.ofUtf8("/a/b").parent()).hasToString("/a");
        assertThat(RawPath.ofUtf8("/a").parent()).hasToString("/");
        assertThat(RawPath.ofUtf8("a").parent().isEmpty()).isTrue();
        assertThat(RawPath.ofUtf8("/a/b").name()).hasToString("b");
    }

    @Test
    void toString_bytesThatAreNotUtf8_areEscaped() {
        assertThat(RawPath.ofBytes(new byte[]{'a', (byte) 0xff, '\n'})).hasToString("a\\xff\\x0a");
        assertThat(RawPath.ofUtf8("\u00fc")).hasToString("\u00fc");
    }

    @Test
    void compareTo_ordersByUnsignedBytes() {
        assertThat(RawPath.ofBytes(new byte[]{(byte) 0x80})).isGreaterThan(RawPath.ofUtf8("z"));
    }

    @Test
    void nul_isRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> RawPath.ofUtf8("a\0b"));
        assertThatIllegalArgumentException().isThrownBy(() -> RawPath.ofLatin1("\u0100"));
    }
}
