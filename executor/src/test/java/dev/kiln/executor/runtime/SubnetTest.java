package dev.kiln.executor.runtime;

import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class SubnetTest {
    private static final List<Subnet.Range> ROUTES = Subnet.routes("""
            Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
            eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
            docker0\t00001DAC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
            eth0\t0205D70A\t00000000\t0001\t0\t0\t0\tFFFFFFFF\t0\t0\t0
            """);

    @Test
    void routes_areReadInNetworkOrder_withoutTheDefault() {
        assertThat(ROUTES).extracting(Subnet.Range::device).containsExactly("docker0", "eth0");
        assertThat(Subnet.parse("172.29.4.0/24").clash(ROUTES)).isPresent();
        assertThat(Subnet.parse("172.30.0.0/24").clash(ROUTES)).isEmpty();
        assertThat(Subnet.parse("172.0.0.0/8").clash(ROUTES)).isPresent();
    }

    @Test
    void free_stepsOverWhatIsRouted() {
        assertThat(Subnet.free(5, ROUTES)).contains(Subnet.parse("10.215.6.0/24"));
        assertThat(Subnet.free(255, ROUTES)).contains(Subnet.parse("10.215.255.0/24"));
        List<Subnet.Range> all = IntStream.range(0, 256)
            .mapToObj(i -> Subnet.parse("10.215." + i + ".0/24"))
            .map(s -> new Subnet.Range("x", s.address(), s.address() + 255))
            .toList();
        assertThat(Subnet.free(5, all)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"10.1.2.0/24,10.1.2.1,10.1.2.2,253", "192.168.0.4/30,192.168.0.5,192.168.0.6,1",
        "10.0.0.0/8,10.0.0.1,10.0.0.2,4096"})
    void addresses_areGatewayThenPlaces(String subnet, String gateway, String first, int places) {
        Subnet parsed = Subnet.parse(subnet);

        assertThat(parsed.gateway()).isEqualTo(gateway);
        assertThat(parsed.place(0)).isEqualTo(first);
        assertThat(parsed.places()).isEqualTo(places);
        assertThat(parsed).hasToString(subnet);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10.0.0.0", "10.0.0.1/24", "10.0.0.0/31", "10.0.0.0/7", "300.0.0.0/24", "fd00::/64",
        "10.0.0.0/24 "})
    void parse_refusesWhatIsNoSubnet(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Subnet.parse(text));
    }
}
