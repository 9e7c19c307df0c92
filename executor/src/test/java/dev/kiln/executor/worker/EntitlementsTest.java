package dev.kiln.executor.worker;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

import org.junit.jupiter.api.Test;

import dev.kiln.executor.frontend.FrontendOptions;
import dev.kiln.queue.job.Entitlement;
import dev.kiln.queue.job.NetworkMode;
import dev.kiln.queue.job.StepLimits;
import dev.kiln.queue.job.StepOptions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class EntitlementsTest {
    private static final Set<Entitlement> HOST = Set.of(Entitlement.NETWORK_HOST);

    private static StepOptions steps(Optional<NetworkMode> network, Set<Entitlement> asked) {
        return new StepOptions(network, StepLimits.DEFAULT, List.of(), OptionalLong.empty(), List.of(), asked);
    }

    @Test
    void request_asksForWhatIsNotGranted_isRefusedInBuildKitsWords() {
        Entitlements none = new Entitlements(Set.of(), false);
        assertThatThrownBy(() -> none.of(steps(Optional.empty(), HOST), false)).isInstanceOf(BuildFailed.class)
            .hasMessageStartingWith("granting entitlement network.host is not allowed by build daemon configuration");
        assertThatThrownBy(() -> none.of(steps(Optional.of(NetworkMode.HOST), Set.of()), true))
            .hasMessageContaining("network.host");
        assertThatThrownBy(() -> new Entitlements(HOST, true).of(steps(Optional.empty(),
                Set.of(Entitlement.SECURITY_INSECURE)), false))
            .hasMessageContaining("security.insecure");
    }

    @Test
    void request_asksForWhatIsGranted_getsItAndNoMore() throws Exception {
        Entitlements all = new Entitlements(Set.of(Entitlement.values()), false);
        assertThat(all.of(steps(Optional.empty(), HOST), false))
            .containsExactly(FrontendOptions.Entitlement.NETWORK_HOST);
        assertThat(all.of(steps(Optional.of(NetworkMode.HOST), Set.of()), true))
            .containsExactly(FrontendOptions.Entitlement.NETWORK_HOST);
        assertThat(all.of(steps(Optional.empty(), Set.of()), false)).isEmpty();
    }

    @Test
    void host_whereStepsHaveItsNetworkAnyway_isForEverybody() throws Exception {
        Entitlements usual = new Entitlements(Set.of(), true);
        assertThat(usual.of(steps(Optional.empty(), Set.of()), true))
            .containsExactly(FrontendOptions.Entitlement.NETWORK_HOST);
        assertThat(usual.of(steps(Optional.of(NetworkMode.HOST), HOST), true)).hasSize(1);
    }
}
