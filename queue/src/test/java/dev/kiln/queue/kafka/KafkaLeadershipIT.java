package dev.kiln.queue.kafka;

import java.time.Duration;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.kiln.queue.Backlogs;
import dev.kiln.queue.broker.SharedBroker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Of several API processes one hands jobs out, and another follows when it goes. */
@Tag("broker")
@Timeout(120)
class KafkaLeadershipIT {
    @Test
    void leader_thatCloses_isFollowedByAnother() throws Exception {
        KafkaSettings settings = KafkaSettings.farm(SharedBroker.bootstrap())
            .withPrefix("leaders.")
            .withTopics(new KafkaSettings.Topics(1, 1, 1, Duration.ofDays(1), -1, Duration.ofDays(1)));
        try (KafkaQueues first = KafkaQueues.connect(settings);
                KafkaQueues second = KafkaQueues.connect(settings);
                Backlogs one = first.openBacklogs()) {
            await().atMost(Duration.ofSeconds(40)).until(one.leadership()::leads);
            try (Backlogs two = second.openBacklogs()) {
                Thread.sleep(Duration.ofSeconds(3));
                await().atMost(Duration.ofSeconds(40)).until(() -> one.leadership().leads() ^ two.leadership().leads());
                Backlogs leader = one.leadership().leads() ? one : two;
                Backlogs other = leader == one ? two : one;
                leader.leadership().close();
                await().atMost(Duration.ofSeconds(20)).until(other.leadership()::leads);
                assertThat(leader.leadership().leads()).isFalse();
            }
        }
    }
}
