package dev.kiln.executor.runtime;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class ResolvConfTest {

    @ParameterizedTest
    @CsvSource({"127.0.0.1 10.0.0.1,10.0.0.1", "127.0.0.53,8.8.8.8 8.8.4.4", "'',8.8.8.8 8.8.4.4",
        "::1 fe80::1%eth0,8.8.8.8 8.8.4.4",
        "10.0.0.1 fd00::1,10.0.0.1"})
    void reachable_leavesOutWhatANamespaceCannotReach(String host, String expected) {
        StringBuilder text = new StringBuilder();
        for (String address : host.split(" ")) {
            text.append(address.isEmpty() ? "" : "nameserver " + address + "\n");
        }

        assertThat(ResolvConf.parse(text.toString()).reachable(false).nameservers())
            .containsExactly(expected.split(" "));
    }

    @Test
    void text_keepsSearchAndOptionsWithoutComments() {
        ResolvConf host = ResolvConf.parse("""
                # by hand
                search example.org lan
                ; old
                nameserver\t10.0.0.1
                options ndots:2 edns0
                """);

        assertThat(host.text()).isEqualTo("nameserver 10.0.0.1\nsearch example.org lan\noptions ndots:2 edns0\n");
    }

    @Test
    void ipv6_isKeptWhereItCanBeReached() {
        assertThat(ResolvConf.parse("nameserver fd00::1\nnameserver ::1\n").reachable(true).nameservers())
            .containsExactly("fd00::1");
    }
}
