package dev.kiln.queue.job;

import java.time.Instant;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class BuildIdTest {

    @Test
    void create_anyTime_carriesItAndSortsByIt() {
        Instant early = Instant.parse("2026-08-01T12:00:00.123Z");
        BuildId one = BuildId.create(early, new Random(1));
        BuildId two = BuildId.create(early.plusMillis(1), new Random(1));
        assertThat(one.submitted()).isEqualTo(early);
        assertThat(one).isLessThan(two);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "01k2m3n4p5q6r7s8t9v0w1x2y", "01K2M3N4P5Q6R7S8T9V0W1X2Y3", "81k2m3n4p5q6r7s8t9v0w1x2y3",
        "01k2m3n4p5q6r7s8t9v0w1x2yi", "01k2m3n4p5q6r7s8t9v0w1x2y3\n"})
    void construct_noBuildId_isRefused(String text) {
        assertThatThrownBy(() -> new BuildId(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
