package dev.kiln.executor.op;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;

import org.junit.jupiter.api.Test;

import dev.kiln.executor.graph.Vertex;
import dev.kiln.executor.solver.Result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** A step that two builds want is one process, which lives as long as one of them wants it. */
class SharedCancelIT extends StepsFixture {
    private static final String MARK = "76543";

    @Test
    void lastToLeave_killsTheStep_withinASecond() throws Exception {
        Vertex step = run("echo go; sleep " + MARK, List.of(), busybox());
        FutureTask<Result> one = new FutureTask<>(() -> machine.solve(graph, step));
        FutureTask<Result> two = new FutureTask<>(() -> machine.solve(graph, step));
        Thread first = Thread.ofVirtual().start(one);
        Thread second = Thread.ofVirtual().start(two);
        await().atMost(Duration.ofSeconds(60)).until(() -> log().equals("go\ngo\n"));
        assertThat(machine.ran).hasValue(1);

        first.interrupt();
        assertThatThrownBy(one::get).hasCauseInstanceOf(InterruptedException.class);
        assertThat(processes()).isNotEmpty();

        long before = System.nanoTime();
        second.interrupt();
        assertThatThrownBy(two::get).hasCauseInstanceOf(InterruptedException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(1));
        assertThat(processes()).isEmpty();
    }

    private static List<ProcessHandle> processes() {
        return ProcessHandle.allProcesses().filter(process -> {
            try {
                return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline")).contains("sleep\0" + MARK);
            } catch (IOException _) {
                return false;
            }
        }).toList();
    }
}
