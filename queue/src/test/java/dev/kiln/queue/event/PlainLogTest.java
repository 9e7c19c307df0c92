package dev.kiln.queue.event;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.event.CacheMiss.Difference;
import dev.kiln.queue.job.BuildId;

import static org.assertj.core.api.Assertions.assertThat;

class PlainLogTest {
    private static final BuildId BUILD = new BuildId("01arz3ndektsv4rrffq69g5fav");
    private static final Digest A = Digest.sha256(new byte[]{1});
    private static final Digest B = Digest.sha256(new byte[]{2});
    private final List<String> lines = new ArrayList<>();
    private final PlainLog log = new PlainLog(lines::add);

    private static Instant at(long millis) {
        return Instant.ofEpochMilli(millis);
    }

    private void text(Digest vertex, long millis, String text) {
        log.add(new BuildEvent.VertexLog(BUILD, at(millis), "a", vertex, 1, text));
    }

    @Test
    void add_interleavedSteps_areNumberedAndSeparated() {
        log.add(new BuildEvent.VertexAdded(BUILD, at(0), "a", A, "[1/2] RUN a", List.of()));
        log.add(new BuildEvent.VertexAdded(BUILD, at(0), "a", B, "[2/2] RUN b", List.of()));
        log.add(new BuildEvent.VertexStarted(BUILD, at(0), "a", A));
        text(A, 10, "one\ntw");
        log.add(new BuildEvent.VertexCached(BUILD, at(15), "a", B));
        text(A, 20, "o\r\nthree\rfour");
        log.add(new BuildEvent.VertexCompleted(BUILD, at(1250), "a", A, Optional.empty()));
        assertThat(lines).containsExactly("#1 [1/2] RUN a", "#1 0.010 one", "", "#2 [2/2] RUN b", "#2 CACHED", "",
                "#1 0.020 two", "#1 0.020 three", "#1 1.250 four", "#1 DONE 1.3s");
    }

    @Test
    void add_failedStep_saysWhy() {
        log.add(new BuildEvent.VertexAdded(BUILD, at(0), "a", A, "RUN a", List.of()));
        log.add(new BuildEvent.VertexCompleted(BUILD, at(5), "a", A, Optional.of("exit code: 3")));
        assertThat(lines).containsExactly("#1 RUN a", "#1 ERROR: exit code: 3");
    }

    @Test
    void add_missedStep_saysInOneLineWhatChanged() {
        log.add(new BuildEvent.VertexStarted(BUILD, at(0), "a", A));
        log.add(new BuildEvent.VertexMissed(BUILD, at(0), "a", A, new CacheMiss.Changed(at(0), List.of(
                new Difference.File("context", "src/a.c", Difference.Change.CONTENT, Optional.empty(),
                        Optional.empty()),
                new Difference.Input("RUN b", B, Difference.Outcome.MADE_ANEW)), 2)));
        log.add(new BuildEvent.VertexStarted(BUILD, at(0), "a", B));
        log.add(new BuildEvent.VertexMissed(BUILD, at(0), "a", B, new CacheMiss.First()));
        log.add(new BuildEvent.VertexCompleted(BUILD, at(5), "a", B, Optional.empty()));
        assertThat(lines).containsExactly("#1 " + A, "#1 why: src/a.c: content changed, and 3 more", "", "#2 " + B,
                "#2 DONE 0.0s");
    }

    @Test
    void add_warning_namesRuleAndPlaceAndExplains() {
        log.add(new BuildEvent.VertexStarted(BUILD, at(0), "a", A));
        log.add(new BuildEvent.Warning(BUILD, at(1), "a", Optional.of(A),
                new Notice(Optional.of("R"), "careful", Optional.of("https://x"), List.of("because"),
                        List.of(new Notice.Lines(3, 4)))));
        log.add(new BuildEvent.Warning(BUILD, at(1), "a", "plain"));
        assertThat(lines).endsWith("", "WARNING: R: careful (line 3)", "because", "More info: https://x",
                "WARNING: plain");
    }

    @Test
    void add_secondAttempt_numbersAnew() {
        log.add(new BuildEvent.VertexStarted(BUILD, at(0), "a", A));
        log.add(new BuildEvent.Started(BUILD, at(9), "b", "w2", 2));
        log.add(new BuildEvent.VertexAdded(BUILD, at(9), "b", B, "RUN b", List.of()));
        log.add(new BuildEvent.VertexStarted(BUILD, at(9), "b", B));
        assertThat(lines).endsWith("attempt 2 on w2", "#1 RUN b");
    }
}
