package dev.kiln.cli.progress;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.BuildId;

import static org.assertj.core.api.Assertions.assertThat;

class TtyProgressTest {
    private static final BuildId BUILD = new BuildId("01arz3ndektsv4rrffq69g5fav");
    private static final Instant START = Instant.ofEpochSecond(100);
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TtyProgress progress = new TtyProgress(new PrintStream(bytes, true, StandardCharsets.UTF_8), 60, 10,
            () -> START.plusSeconds(3));

    private static Digest vertex(int n) {
        return Digest.sha256(new byte[]{(byte) n});
    }

    private void step(int n, String name) {
        progress.show(new BuildEvent.VertexAdded(BUILD, START, "a", vertex(n), name, List.of()), "");
        progress.show(new BuildEvent.VertexStarted(BUILD, START, "a", vertex(n)), "");
    }

    private String lastScreen() {
        progress.close();
        String text = bytes.toString(StandardCharsets.UTF_8);
        return text.substring(text.lastIndexOf("[+]"));
    }

    @Test
    void show_runningStep_hasTheEndOfItsLog() {
        step(1, "[1/2] RUN make");
        for (int i = 0; i < 9; i++) {
            progress.show(new BuildEvent.VertexLog(BUILD, START, "a", vertex(1), 1, "line " + i + "\n"), "");
        }
        assertThat(lastScreen()).contains("=> [1/2] RUN make")
            .contains("# line 8")
            .contains("# line 3")
            .doesNotContain("line 2");
    }

    @Test
    void show_moreStepsThanRows_keepsTheLastInTheBlock() {
        for (int i = 1; i <= 30; i++) {
            step(i, "[" + i + "/30] RUN step");
            progress.show(new BuildEvent.VertexCompleted(BUILD, START, "a", vertex(i), Optional.empty()), "");
        }
        String screen = lastScreen();
        assertThat(screen.lines().count()).isLessThanOrEqualTo(9);
        assertThat(screen).contains("(30/30)").contains("[30/30]").doesNotContain("[5/30]");
    }

    @Test
    void show_nameLongerThanTheTerminal_isCut() {
        step(1, "RUN " + "x".repeat(500));
        assertThat(lastScreen().lines()).allSatisfy(line -> assertThat(line.length()).isLessThan(60));
    }

    @Test
    void show_end_saysHowItEnded() {
        step(1, "[1/1] RUN true");
        progress.show(new BuildEvent.VertexCached(BUILD, START, "a", vertex(1)), "");
        progress.show(new BuildEvent.Succeeded(BUILD, START, Optional.of("a"),
                Descriptor.of("t", vertex(1), 1), Optional.empty()), "");
        assertThat(lastScreen()).startsWith("[+] Built").contains("=> CACHED [1/1] RUN true");
    }
}
