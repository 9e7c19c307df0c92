package dev.kiln.dockerfile.instruction;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.dockerfile.source.DockerfileException;

import static dev.kiln.dockerfile.instruction.Instructions.assertRefused;
import static dev.kiln.dockerfile.instruction.Instructions.parse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ExposeTest {

    @Test
    @Tag("row:9.3")
    void expose_words_areSorted() {
        assertThat(parse(Expose.class, "EXPOSE 443 $P 80/TCP").ports()).containsExactly("$P", "443", "80/TCP");
    }

    @Test
    void expose_malformed_isRefused() {
        assertRefused("EXPOSE").hasMessage("EXPOSE requires at least one argument");
    }

    @ParameterizedTest
    @CsvSource({"80,80/tcp", "80/,80/tcp", "53/UDP,53/udp", "7000-7002/sctp,7000/sctp 7001/sctp 7002/sctp", "0,0/tcp",
        "65535,65535/tcp", "8080:80,80/tcp", "8000-9000:80,80/tcp", "127.0.0.1:8080:80,80/tcp", "[::1]:8080:80,80/tcp",
        "1.2.3.4::80,80/tcp", "80-80,80/tcp", "2001:db8::1:1:80,80/tcp"})
    @Tag("row:9.3")
    void port_form_isRead(String word, String expected) {
        assertThat(String.join(" ", PortRange.parse(word).ports())).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "80/foo", "65536", "90-80", "80-", "-80", "x:80", "1-2:3-5", "300.1.1.1:1:80",
        "example.org:1:80", "80,81", "99999999999999999999", "/tcp"})
    @Tag("row:9.3")
    void port_otherForm_isRefused(String word) {
        assertThatThrownBy(() -> PortRange.parse(word)).isInstanceOf(DockerfileException.class)
            .hasMessageStartingWith("invalid ");
    }
}
