package dev.kiln.executor.op;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.kiln.executor.solver.StepFailed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(60)
class FileThreadsTest {
    private final FileThreads threads = new FileThreads();

    @AfterEach
    void end() {
        threads.close();
    }

    @Test
    void work_resultAndErrors_comeThrough() throws Exception {
        assertThat(threads.<Boolean>run(() -> Thread.currentThread().isVirtual())).isFalse();
        assertThatThrownBy(() -> threads.run(() -> {
            throw new IOException("disk");
        })).isInstanceOf(IOException.class).hasMessage("disk");
        assertThatThrownBy(() -> threads.run(() -> {
            throw new StepFailed("no", Optional.empty());
        })).isInstanceOf(StepFailed.class).hasMessage("no");
        assertThatThrownBy(() -> threads.run(() -> {
            throw new IllegalStateException("bug");
        })).isInstanceOf(IllegalStateException.class).hasMessage("bug");
    }

    @Test
    void caller_interrupted_returnsAfterTheWorkHasEnded() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        AtomicBoolean endedBefore = new AtomicBoolean();
        Thread caller = Thread.ofVirtual().start(() -> {
            try {
                threads.run(() -> {
                    begun.countDown();
                    try {
                        new CountDownLatch(1).await();
                        return 1;
                    } finally {
                        ended.set(true);
                    }
                });
            } catch (InterruptedException e) {
                endedBefore.set(ended.get());
            } catch (IOException | StepFailed e) {
                throw new AssertionError(e);
            }
        });
        begun.await();
        caller.interrupt();
        caller.join();
        assertThat(endedBefore).isTrue();
    }

    @Test
    void caller_interruptedBeforeTheWorkStarts_neverHangs() throws Exception {
        AtomicInteger interrupted = new AtomicInteger();
        for (int i = 0; i < 500; i++) {
            Thread caller = Thread.ofVirtual().start(() -> {
                try {
                    Thread.currentThread().interrupt();
                    threads.run(() -> 1);
                } catch (InterruptedException e) {
                    interrupted.incrementAndGet();
                } catch (IOException | StepFailed e) {
                    throw new AssertionError(e);
                }
            });
            caller.join();
        }
        assertThat(interrupted).hasPositiveValue();
    }
}
