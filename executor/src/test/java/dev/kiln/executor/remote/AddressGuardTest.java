package dev.kiln.executor.remote;

import java.net.InetAddress;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.executor.remote.FetchException.Code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class AddressGuardTest {

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.168.1.1", "198.18.0.1", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "::", "::1", "::7f00:1", "fe80::1", "fec0::1", "fc00::1", "fd12::1", "ff02::1",
        "64:ff9b::10.0.0.1", "2002:a00:1::", "2001:db8::1"})
    void address_notOfThePublicNetwork_isPrivate(String address) {
        assertThat(AddressGuard.isPublic(InetAddress.ofLiteral(address))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "64:ff9b::8.8.8.8",
        "2002:808:808::"})
    void address_ofThePublicNetwork_isPublic(String address) {
        assertThat(AddressGuard.isPublic(InetAddress.ofLiteral(address))).isTrue();
    }

    @Test
    void allowed_rangesAndHosts_areResolved() throws FetchException {
        assertThat(new AddressGuard(RemotePolicy.allowing(List.of("10.0.0.0/8"))).resolve("10.255.0.1")).hasSize(1);
        assertThat(new AddressGuard(RemotePolicy.allowing(List.of("::1"))).resolve("[::1]")).hasSize(1);
        assertThat(new AddressGuard(RemotePolicy.allowing(List.of("LocalHost"))).resolve("localhost")).isNotEmpty();
        assertThatExceptionOfType(FetchException.class)
            .isThrownBy(() -> new AddressGuard(RemotePolicy.allowing(List.of("localhost", "10.0.0.0/9")))
                .resolve("10.128.0.1"))
            .satisfies(e -> assertThat(e.code()).isEqualTo(Code.REFUSED));
    }

    @Test
    void policy_ofWhatIsNoAddress_isRefused() {
        for (String text : List.of("10.0.0.0/33", "10.0.0/8/1", "300.1.1.1", "a b", "-host", "")) {
            assertThatIllegalArgumentException().as(text).isThrownBy(() -> RemotePolicy.allowing(List.of(text)));
        }
    }
}
