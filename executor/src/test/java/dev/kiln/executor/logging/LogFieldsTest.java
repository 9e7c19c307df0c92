package dev.kiln.executor.logging;

import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(30)
class LogFieldsTest {
    private final ExecutorService pool = Executors.newSingleThreadExecutor();

    @AfterEach
    void close() {
        pool.close();
    }

    private Map<String, String> ofPool() throws Exception {
        return pool.submit(LogFields::here).get();
    }

    @Test
    void threadOfAPool_hasTheFieldsOfItsTask_andNoneAfterwards() throws Exception {
        Map<String, String> fields = Map.of(LogFields.BUILD, "b1");
        Map<String, String> seen = LogFields.with(fields, LogFields.VERTEX, "v1");
        assertThat(ofPool()).isEmpty();
        LogFields.run(seen, () -> {
            try {
                assertThat(pool.submit(LogFields.carryCall(LogFields::here)).get()).isEqualTo(seen);
                pool.submit(LogFields.carry(() -> assertThat(LogFields.here()).isEqualTo(seen))).get();
                assertThat(ofPool()).isEmpty();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        assertThat(LogFields.here()).isEmpty();
    }

    @Test
    void workThatFails_leavesNoFieldsBehind() throws Exception {
        assertThatThrownBy(() -> LogFields.run(Map.of(LogFields.BUILD, "b1"), () -> {
            throw new IllegalStateException("test");
        })).hasMessage("test");
        assertThat(LogFields.here()).isEmpty();
    }
}
