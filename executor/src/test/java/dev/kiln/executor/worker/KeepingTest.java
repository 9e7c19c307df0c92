package dev.kiln.executor.worker;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

import org.junit.jupiter.api.Test;

import dev.kiln.layercache.lease.Kind;
import dev.kiln.layercache.lease.Policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class KeepingTest {
    private static final long DISK = 1_000_000_000_000L;

    @Test
    void policy_isReadWordByWord() {
        assertThat(Keeping
            .policy("kind=cachemount kind=source.local keep=48h maxUsed=512MB reserved=1KiB minFree=2GB all"))
            .isEqualTo(new Policy(new Policy.Filter(Set.of(Kind.CACHE_MOUNT, Kind.CONTEXT), Set.of()),
                    Duration.ofHours(48), new Policy.Limits(1024, 512_000_000, 2_000_000_000), true));
        assertThat(Keeping.policy("kind=regular").what().kinds()).containsExactlyInAnyOrder(Kind.LAYER, Kind.BLOB);
    }

    @Test
    void policy_withAWordThatMeansNothing_isRefused() {
        assertThatThrownBy(() -> Keeping.policy("kind=dust")).hasMessageContaining("no kind \"dust\"");
        assertThatThrownBy(() -> Keeping.policy("maxused=1GB")).hasMessageContaining("no \"maxused=1GB\"");
        assertThatThrownBy(() -> Keeping.policy("keep=yesterday")).hasMessageContaining("expected a time");
        assertThatThrownBy(() -> Keeping.policy("maxUsed=9999999TB")).hasMessageContaining("too large");
        assertThatThrownBy(() -> Keeping.policy(" ")).hasMessageContaining("not empty");
    }

    @Test
    void limits_thatAreNotGiven_dependOnTheDisk() {
        assertThat(Keeping.STANDARD.on(DISK)).isEqualTo(Policy.standard(
                new Policy.Limits(10_000_000_000L, 600_000_000_000L, 200_000_000_000L)));
        Keeping.Limits given = new Keeping.Limits(OptionalLong.empty(), OptionalLong.of(5), OptionalLong.of(0));
        assertThat(given.on(DISK)).isEqualTo(new Policy.Limits(5, 5, 0));
    }

    @Test
    void policies_thatAreGiven_takeThePlaceOfTheStandardOnes() {
        Policy only = Keeping.policy("keep=1h");
        assertThat(new Keeping(Keeping.STANDARD.limits(), List.of(only), 0, Duration.ZERO).on(DISK))
            .containsExactly(only);
    }
}
