package dev.kiln.queue.broker;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.queue.ClaimSource;
import dev.kiln.queue.EventLog.Cursor;
import dev.kiln.queue.Samples;
import dev.kiln.queue.kafka.KafkaQueues;
import dev.kiln.queue.kafka.KafkaSettings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Tag("broker")
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EmbeddedBrokerIT {

    @Test
    void parentKilled_brokerEndsAndTheNextHasAllThatWasDurable(@TempDir Path dir) throws Exception {
        Path data = dir.resolve("a folder: with, odd=name#1\\");
        String before;
        ProcessHandle child;
        try (ChildJvm parent = ChildJvm.start(ParentMain.class, data.toString())) {
            child = ProcessHandle.of(Long.parseLong(parent.line())).orElseThrow();
            before = bootstrap(data);
            try (KafkaQueues queues = connect(before)) {
                queues.events().append(Samples.queued(Samples.ID)).toCompletableFuture().get(20, TimeUnit.SECONDS);
                queues.records().put(Samples.record(Samples.ID));
                queues.jobs().submit(Samples.sealedJob(Samples.ID));
            }
        }
        child.onExit().get(30, TimeUnit.SECONDS);
        try (EmbeddedBroker broker = EmbeddedBroker.start(data); KafkaQueues queues = connect(broker.bootstrap())) {
            assertThat(broker.bootstrap()).isEqualTo(before);
            try (Cursor cursor = queues.events().read(Samples.ID, -1)) {
                assertThat(cursor.next(Duration.ofSeconds(20))).extracting("event")
                    .isEqualTo(List.of(Samples.queued(Samples.ID)));
            }
            queues.records().forEach(record -> assertThat(record).isEqualTo(Samples.record(Samples.ID)));
            try (ClaimSource slot = queues.jobs().openSlot()) {
                assertThat(slot.take(Duration.ofSeconds(20)).orElseThrow().request())
                    .isEqualTo(Samples.fullRequest(Samples.ID));
            }
        }
    }

    @Test
    void start_onADirectoryInUse_saysByWhom() throws Exception {
        EmbeddedBroker broker = SharedBroker.broker();
        assertThatThrownBy(() -> EmbeddedBroker.start(SharedBroker.directory(), Duration.ofMillis(100)))
            .isInstanceOf(BrokerException.class)
            .hasMessageContaining("process " + broker.pid())
            .extracting(e -> ((BrokerException) e).code())
            .isEqualTo(BrokerException.Code.IN_USE);
        assertThat(broker.isAlive()).isTrue();
    }

    @Test
    void start_onStorageThatIsNoStorage_saysWhatTheLogSays(@TempDir Path dir) throws Exception {
        Files.createDirectories(dir.resolve("kafka"));
        Files.writeString(dir.resolve("kafka/meta.properties"), "version=99\n");
        assertThatThrownBy(() -> EmbeddedBroker.start(dir)).isInstanceOf(BrokerException.class)
            .hasMessageContaining("broker.log")
            .hasMessageContaining("version");
    }

    private static KafkaQueues connect(String bootstrap) throws Exception {
        return KafkaQueues.connect(KafkaSettings.singleNode(bootstrap));
    }

    private static String bootstrap(Path data) {
        return "127.0.0.1:" + new BrokerFiles(data).lastPorts()[0];
    }
}
