package dev.kiln.dockerfile.instruction;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.dockerfile.source.DockerfileException;

import static dev.kiln.dockerfile.instruction.Instructions.assertRefused;
import static dev.kiln.dockerfile.instruction.Instructions.parse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class StopsignalTest {

    @Test
    void stopsignal_argument_isEverythingUpToTheEnd() {
        assertThat(parse(Stopsignal.class, "stopsignal   $a b  c ").signal()).isEqualTo("$a b  c");
    }

    @Test
    void stopsignal_malformed_isRefused() {
        assertRefused("STOPSIGNAL").hasMessage("STOPSIGNAL requires exactly one argument");
        assertThat(parse(Stopsignal.class, "STOPSIGNAL --x a").signal()).isEqualTo("a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SIGTERM", "term", "9", "+15", "SIGRTMIN+3", "RTMAX-1", "rtmin"})
    @Tag("row:9.9")
    void signal_known_isAccepted(String signal) {
        assertThatNoException().isThrownBy(() -> Signals.require(signal));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "SIGFOO", "SIG", "SIGRTMIN+16", "9 ", "9999999999"})
    @Tag("row:9.9")
    void signal_unknown_isRefused(String signal) {
        assertThatThrownBy(() -> Signals.require(signal)).isInstanceOf(DockerfileException.class)
            .hasMessage("invalid signal: " + signal);
    }
}
