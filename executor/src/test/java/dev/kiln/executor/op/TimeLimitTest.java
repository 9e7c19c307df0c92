package dev.kiln.executor.op;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.kiln.executor.solver.StepFailed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(20)
class TimeLimitTest {

    @Test
    void workThatEndsInTime_isUndisturbed() throws Exception {
        assertThat(TimeLimit.<String>within(Optional.of(Duration.ofSeconds(10)), () -> "done")).isEqualTo("done");
        assertThat(TimeLimit.<String>within(Optional.empty(), () -> "done")).isEqualTo("done");
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void workThatTakesLonger_isLate() {
        assertThatThrownBy(() -> TimeLimit.within(Optional.of(Duration.ofMillis(50)), () -> {
            new CountDownLatch(1).await();
            return "never";
        })).isInstanceOfSatisfying(StepFailed.class, e -> assertThat(e.isLate()).isTrue());
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void interruptFromElsewhere_isNoLateness() {
        Thread worker = Thread.currentThread();
        assertThatThrownBy(() -> TimeLimit.within(Optional.of(Duration.ofSeconds(10)), () -> {
            worker.interrupt();
            new CountDownLatch(1).await();
            return "never";
        })).isInstanceOf(InterruptedException.class);
    }

    @Test
    void manyThatEndAtTheVeryMoment_leaveNoInterruptBehind() throws Exception {
        for (int i = 0; i < 300; i++) {
            try {
                TimeLimit.<String>within(Optional.of(Duration.ofMillis(1)), () -> {
                    long end = System.nanoTime() + 1_000_000;
                    while (System.nanoTime() < end) {
                        Thread.onSpinWait();
                    }
                    return "done";
                });
            } catch (StepFailed e) {
                assertThat(e.isLate()).isTrue();
            }
            assertThat(Thread.interrupted()).isFalse();
        }
    }
}
