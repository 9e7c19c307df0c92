package dev.kiln.queue.kafka;

import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class KafkaSettingsTest {
    private static final KafkaSettings SETTINGS = KafkaSettings.farm("one:9092,two:9092");

    @Test
    void toString_clientProperties_hidesTheirValues() {
        assertThat(SETTINGS.withClient(Map.of("sasl.jaas.config", "password=hunter2")).toString())
            .contains("sasl.jaas.config")
            .doesNotContain("hunter2");
    }

    @Test
    void clientProperties_thatKilnSetsItself_areRefusedByName() {
        assertThatThrownBy(() -> SETTINGS.withClient(Map.of("acks", "0", "ssl.endpoint.identification.algorithm", "")))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("[acks]");
    }

    @Test
    void values_outOfBounds_areRefused() {
        assertThatThrownBy(() -> KafkaSettings.farm(" ")).hasMessage("no Kafka address");
        assertThatThrownBy(() -> SETTINGS.withPrefix("a/b")).hasMessageContaining("topic prefix");
        assertThatThrownBy(() -> new KafkaSettings.Claims(Duration.ofMillis(999), 5)).hasMessageContaining("lock");
        assertThatThrownBy(() -> new KafkaSettings.Claims(Duration.ofSeconds(30), 8)).hasMessageContaining("limit");
        assertThatThrownBy(() -> new KafkaSettings.Patience(Duration.ofSeconds(5), Duration.ofSeconds(4)))
            .hasMessageContaining("patience for events");
        assertThatThrownBy(() -> new KafkaSettings.Topics(1, 0, 1, Duration.ofDays(1), -1, Duration.ofDays(2)))
            .hasMessageContaining("partition");
        assertThatThrownBy(() -> new KafkaSettings.Topics(1, 1, 1, Duration.ofDays(2), -1, Duration.ofDays(1)))
            .hasMessageContaining("records no shorter than events");
    }
}
