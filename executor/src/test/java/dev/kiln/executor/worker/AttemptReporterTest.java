package dev.kiln.executor.worker;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Random;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

import dev.kiln.executor.graph.GraphBuilder;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.executor.meter.ExecutorMeters;
import dev.kiln.layercache.content.InMemoryContentStore;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.queue.InMemoryEventLog;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.event.Notice;
import dev.kiln.queue.job.BuildId;

import static org.assertj.core.api.Assertions.assertThat;

class AttemptReporterTest {

    @Test
    void warning_ofAStep_isAnEventAndALineOfTheLog() throws Exception {
        InMemoryEventLog events = new InMemoryEventLog();
        InMemoryContentStore store = new InMemoryContentStore();
        BuildId build = BuildId.create(Instant.now(), new Random(4));
        Vertex vertex = new GraphBuilder().source("FROM scratch", new OpSpec.Scratch());
        Instant now = Instant.parse("2026-01-02T03:04:05Z");
        Descriptor log;
        try (AttemptReporter reporter = new AttemptReporter(events, build, "a", InstantSource.fixed(now), store,
                ExecutorMeters.in(new SimpleMeterRegistry()))) {
            reporter.warned(vertex, "Rule", "careful");
            log = reporter.keepLog(new BuildEvent.Cancelled(build, now, Optional.of("a"), "by ada", Optional.empty()));
        }
        assertThat(events.events(build)).containsExactly(new BuildEvent.Warning(build, now, "a",
                Optional.of(vertex.digest()), Notice.of("Rule", "careful")));
        assertThat(new String(store.open(log.digest()).readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(
                "WARNING: Rule: careful\nCANCELLED: by ada\n");
    }
}
