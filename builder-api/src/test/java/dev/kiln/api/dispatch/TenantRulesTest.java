package dev.kiln.api.dispatch;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class TenantRulesTest {

    @Test
    void words_areWeightsAndLimits() {
        TenantRules rules = TenantRules.parse("team-a=3, team-b=1:2, *=2:10");
        assertThat(rules.of("team-a")).isEqualTo(new TenantRules.Tenant(3, Integer.MAX_VALUE));
        assertThat(rules.of("team-b")).isEqualTo(new TenantRules.Tenant(1, 2));
        assertThat(rules.of("anybody")).isEqualTo(new TenantRules.Tenant(2, 10));
    }

    @Test
    void othersUnsaid_areEqual() {
        assertThat(TenantRules.parse("a=3").of("b")).isEqualTo(TenantRules.EQUAL.usual());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "a=", "a=0", "a=1001", "a=1:0", "a=1,a=2", "A=1", "a=1:2:3", "a=-1", "=3",
        "a=1;b=2"})
    void words_thatMeanNothing_areRefused(String text) {
        assertThatThrownBy(() -> TenantRules.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
