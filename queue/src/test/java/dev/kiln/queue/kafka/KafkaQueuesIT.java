package dev.kiln.queue.kafka;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.ConfigResource.Type;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.kiln.queue.QueueException;
import dev.kiln.queue.broker.SharedBroker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

@Tag("broker")
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KafkaQueuesIT {

    @Test
    void connect_newCluster_getsTheGroupReadyBeforeAnyoneTakes() throws Exception {
        KafkaSettings settings = KafkaSettings.singleNode(SharedBroker.bootstrap()).withPrefix("warm.");
        try (KafkaQueues queues = KafkaQueues.connect(settings);
                Admin admin = new KafkaClients(settings).admin()) {
            assertThat(queues.jobs().deliveryLimit()).isEqualTo(5);
            await().atMost(Duration.ofSeconds(20))
                .until(() -> !admin.listShareGroupOffsets(Map.of(settings.group(),
                        new org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec()))
                    .partitionsToOffsetInfo(settings.group())
                    .get()
                    .isEmpty());
        }
    }

    @Test
    void connect_again_changesNothingButWhatTheSettingsSay() throws Exception {
        KafkaSettings settings = KafkaSettings.singleNode(SharedBroker.bootstrap()).withPrefix("twice.");
        KafkaQueues.connect(settings).close();
        KafkaSettings later = settings.withClaims(new KafkaSettings.Claims(Duration.ofSeconds(20), 2))
            .withTopics(new KafkaSettings.Topics(3, 9, 1, Duration.ofDays(1), -1, Duration.ofDays(2)));
        KafkaQueues.connect(later).close();
        try (Admin admin = new KafkaClients(later).admin()) {
            assertThat(admin.describeTopics(List.of("twice.events"))
                .allTopicNames()
                .get()
                .get("twice.events")
                .partitions()).hasSize(4);
            ConfigResource group = new ConfigResource(Type.GROUP, later.group());
            assertThat(admin.describeConfigs(List.of(group))
                .all()
                .get()
                .get(group)
                .get("share.record.lock.duration.ms")
                .value()).isEqualTo("20000");
        }
    }

    @Test
    void connect_nobodyThere_saysSo() throws Exception {
        KafkaSettings settings = KafkaSettings.singleNode("127.0.0.1:" + closedPort())
            .withPatience(new KafkaSettings.Patience(Duration.ofMillis(500), Duration.ofSeconds(1)));
        assertThatThrownBy(() -> KafkaQueues.connect(settings)).isInstanceOf(QueueException.class)
            .hasMessageContaining(settings.bootstrap())
            .hasMessageContaining("does not answer")
            .matches(e -> ((QueueException) e).retryable());
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
