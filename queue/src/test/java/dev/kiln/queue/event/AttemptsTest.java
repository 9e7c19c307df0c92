package dev.kiln.queue.event;

import java.util.Optional;

import org.junit.jupiter.api.Test;

import static dev.kiln.queue.Samples.ID;
import static dev.kiln.queue.Samples.TIME;
import static dev.kiln.queue.Samples.failed;
import static dev.kiln.queue.Samples.publishing;
import static dev.kiln.queue.Samples.queued;
import static dev.kiln.queue.Samples.started;
import static dev.kiln.queue.Samples.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

class AttemptsTest {
    private final Attempts attempts = new Attempts();

    @Test
    void secondStart_supersedesTheFirstAttempt() {
        feed(queued(ID), started(ID, "a", 1), publishing(ID, "a"), started(ID, "b", 2));
        assertThat(attempts.counts(publishing(ID, "a"))).isFalse();
        assertThat(attempts.counts(succeeded(ID, "a"))).isFalse();
        assertThat(attempts.counts(publishing(ID, "b"))).isTrue();
        assertThat(attempts.counts(failed(ID, "b"))).isTrue();
        assertThat(attempts.outcome()).contains(failed(ID, "b"));
        assertThat(attempts.started()).isEqualTo(2);
    }

    @Test
    void outcome_isTheFirstFinalThatCounts() {
        feed(queued(ID), started(ID, "a", 1), failed(ID, "a"));
        assertThat(attempts.counts(started(ID, "b", 2))).isFalse();
        assertThat(attempts.counts(succeeded(ID, "b"))).isFalse();
        assertThat(attempts.current()).contains("a");
        assertThat(attempts.outcome()).contains(failed(ID, "a"));
    }

    @Test
    void cancelWithoutAttempt_endsAlsoARunningBuild() {
        BuildEvent.Cancelled cancelled = new BuildEvent.Cancelled(ID, TIME, Optional.empty(), "by ada",
                Optional.empty());
        feed(queued(ID), started(ID, "a", 1));
        assertThat(attempts.counts(cancelled)).isTrue();
        assertThat(attempts.counts(publishing(ID, "a"))).isFalse();
    }

    @Test
    void eventOfAnAttemptThatNeverStarted_doesNotCount() {
        feed(queued(ID));
        assertThat(attempts.counts(publishing(ID, "a"))).isFalse();
    }

    @Test
    void wishToCancel_endsNothingButForbidsPublishing() {
        BuildEvent.CancelRequested wish = new BuildEvent.CancelRequested(ID, TIME, "by ada");
        feed(queued(ID), started(ID, "a", 1), wish);
        assertThat(attempts.outcome()).isEmpty();
        assertThat(attempts.judge(publishing(ID, "a"))).isEqualTo(Permission.CANCELLED);
        assertThat(attempts.judge(publishing(ID, "b"))).isEqualTo(Permission.REFUSED);
        feed(started(ID, "b", 2));
        assertThat(attempts.judge(publishing(ID, "a"))).isEqualTo(Permission.REFUSED);
        assertThat(attempts.judge(publishing(ID, "b"))).isEqualTo(Permission.CANCELLED);
        feed(failed(ID, "b"));
        assertThat(attempts.judge(publishing(ID, "b"))).isEqualTo(Permission.REFUSED);
    }

    @Test
    void wishToCancel_whilePublishing_letsThatAttemptGoOn() {
        feed(queued(ID), started(ID, "a", 1), publishing(ID, "a"), new BuildEvent.CancelRequested(ID, TIME, "by ada"));
        assertThat(attempts.judge(publishing(ID, "a"))).isEqualTo(Permission.GRANTED);
        feed(started(ID, "b", 2));
        assertThat(attempts.judge(publishing(ID, "b"))).isEqualTo(Permission.CANCELLED);
    }

    private void feed(BuildEvent... events) {
        for (BuildEvent event : events) {
            assertThat(attempts.counts(event)).isTrue();
        }
    }
}
