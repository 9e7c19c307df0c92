package dev.kiln.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.kiln.queue.EventLog.Cursor;
import dev.kiln.queue.EventLog.From;
import dev.kiln.queue.EventLog.Recorded;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.event.Permission;
import dev.kiln.queue.job.BuildId;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What every {@link EventLog} does. The log may hold events of other tests. */
@Timeout(60)
public abstract class EventLogContract {
    protected static final Duration PATIENCE = Duration.ofSeconds(20);
    protected static final Duration BRIEF = Duration.ofMillis(300);

    private final Random random = new Random();
    protected final BuildId build = newId();

    /** The log; opened for this test or for all. */
    protected abstract EventLog log();

    protected final BuildId newId() {
        return BuildId.create(Instant.now(), random);
    }

    @Test
    void read_wholeBuild_isItsEventsInOrder() throws Exception {
        List<BuildEvent> events = List.of(Samples.queued(build), Samples.started(build, Samples.ATTEMPT, 1),
                Samples.log(build, "hello\n"), Samples.succeeded(build, Samples.ATTEMPT));
        BuildId other = newId();
        for (BuildEvent event : events) {
            append(Samples.queued(other));
            append(event);
        }
        try (Cursor cursor = log().read(build, -1)) {
            List<Recorded> read = take(cursor, events.size());
            assertThat(read).extracting(Recorded::event).isEqualTo(events);
            assertThat(read).extracting(Recorded::position).isSorted().doesNotHaveDuplicates();
            assertThat(cursor.caughtUp()).isTrue();
            assertThat(cursor.next(BRIEF)).isEmpty();
        }
    }

    @Test
    void read_afterAnyPosition_isTheRest() throws Exception {
        List<Recorded> all = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            BuildEvent event = i == 0 ? Samples.queued(build) : Samples.log(build, "line " + i);
            all.add(new Recorded(append(event), event));
        }
        for (int i = 0; i < all.size(); i++) {
            try (Cursor cursor = log().read(build, all.get(i).position())) {
                assertThat(take(cursor, all.size() - 1 - i)).isEqualTo(all.subList(i + 1, all.size()));
                assertThat(cursor.caughtUp()).isTrue();
            }
        }
    }

    @Test
    void read_oldThenLive_missesNothing() throws Exception {
        append(Samples.queued(build));
        try (Cursor cursor = log().read(build, -1)) {
            assertThat(take(cursor, 1)).extracting(Recorded::event).containsExactly(Samples.queued(build));
            for (int i = 0; i < 3; i++) {
                append(Samples.log(build, "live " + i));
                assertThat(take(cursor, 1)).extracting(Recorded::event)
                    .containsExactly(Samples.log(build, "live " + i));
            }
        }
    }

    @Test
    void read_eventsWithoutQueued_areFoundAsWell() throws Exception {
        append(Samples.log(build, "a"));
        try (Cursor cursor = log().read(build, -1)) {
            assertThat(take(cursor, 1)).extracting(Recorded::event).containsExactly(Samples.log(build, "a"));
        }
    }

    @Test
    void read_idFromTheFuture_isFoundAsWell() throws Exception {
        BuildId future = BuildId.create(Instant.now().plus(Duration.ofDays(400)), random);
        append(Samples.queued(future));
        append(Samples.queued(newId()));
        try (Cursor cursor = log().read(future, -1)) {
            assertThat(take(cursor, 1)).extracting(Recorded::event).containsExactly(Samples.queued(future));
        }
    }

    @Test
    void read_nothingThere_isCaughtUpAndEmpty() throws Exception {
        try (Cursor cursor = log().read(build, -1)) {
            while (!cursor.caughtUp()) {
                assertThat(cursor.next(BRIEF)).isEmpty();
            }
            assertThat(cursor.next(BRIEF)).isEmpty();
        }
    }

    @Test
    void readAll_fromNow_isOnlyWhatComes() throws Exception {
        append(Samples.queued(build));
        try (Cursor cursor = log().readAll(From.NOW)) {
            assertThat(cursor.caughtUp()).isTrue();
            append(Samples.log(build, "new"));
            assertThat(take(cursor, 1)).extracting(Recorded::event).containsExactly(Samples.log(build, "new"));
        }
    }

    @Test
    void readAll_fromOldest_catchesUpWithAllThatIsDurable() throws Exception {
        List<BuildId> builds = IntStream.range(0, 20).mapToObj(i -> newId()).toList();
        for (BuildId id : builds) {
            append(Samples.queued(id));
        }
        List<BuildId> seen = new ArrayList<>();
        try (Cursor cursor = log().readAll(From.OLDEST)) {
            while (!cursor.caughtUp()) {
                cursor.next(PATIENCE).forEach(recorded -> seen.add(recorded.event().build()));
            }
        }
        assertThat(seen).containsAll(builds);
    }

    @Test
    void append_tenThousandWithoutWaiting_keepsOrder() throws Exception {
        int count = 10_000;
        List<CompletableFuture<Long>> appended = new ArrayList<>();
        log().append(Samples.queued(build));
        for (int i = 0; i < count; i++) {
            appended.add(log().append(Samples.log(build, "line " + i + "\n")).toCompletableFuture());
        }
        log().flush();
        assertThat(appended).allMatch(CompletableFuture::isDone);
        try (Cursor cursor = log().read(build, -1)) {
            List<Recorded> read = take(cursor, count + 1);
            assertThat(read.subList(1, count + 1)).extracting(r -> ((BuildEvent.VertexLog) r.event()).text())
                .isEqualTo(IntStream.range(0, count).mapToObj(i -> "line " + i + "\n").toList());
            assertThat(read.subList(1, count + 1)).extracting(Recorded::position)
                .isEqualTo(appended.stream().map(CompletableFuture::join).toList());
        }
    }

    @Test
    void append_largerThanAccepted_fails() {
        assertThatThrownBy(() -> append(Samples.log(build, "x".repeat(2 << 20)))).isInstanceOf(ExecutionException.class)
            .cause()
            .isInstanceOf(QueueException.class)
            .extracting(e -> ((QueueException) e).code())
            .isEqualTo(QueueException.Code.TOO_LARGE);
    }

    @Test
    void close_byAnotherThread_endsAWaitingRead() throws Exception {
        Cursor cursor = log().read(build, -1);
        CompletableFuture<List<Recorded>> read = new CompletableFuture<>();
        Thread reader = Thread.ofVirtual().start(() -> {
            try {
                read.complete(cursor.next(Duration.ofMinutes(5)));
            } catch (QueueException e) {
                read.completeExceptionally(e);
            }
        });
        assertThat(reader.join(BRIEF)).isFalse();
        cursor.close();
        assertThat(read.get(10, TimeUnit.SECONDS)).isEmpty();
        assertThat(cursor.next(PATIENCE)).isEmpty();
        cursor.close();
    }

    @Test
    void mayPublish_onlyAttempt_may() throws Exception {
        append(Samples.queued(build));
        append(Samples.started(build, "a", 1));
        assertThat(log().mayPublish(Samples.publishing(build, "a"))).isEqualTo(Permission.GRANTED);
        assertThat(log().mayPublish(Samples.publishing(build, "a"))).isEqualTo(Permission.GRANTED);
    }

    /** The API appends the one while an executor that was faster appends the other. */
    @Test
    void mayPublish_startedBeforeQueued_may() throws Exception {
        append(Samples.started(build, "a", 1));
        append(Samples.queued(build));
        assertThat(log().mayPublish(Samples.publishing(build, "a"))).isEqualTo(Permission.GRANTED);
    }

    @Test
    void mayPublish_queuedAfterTheQuestion_may() throws Exception {
        append(Samples.started(build, "a", 1));
        assertThat(log().mayPublish(Samples.publishing(build, "a"))).isEqualTo(Permission.GRANTED);
        append(Samples.queued(build));
        assertThat(log().mayPublish(Samples.publishing(build, "a"))).isEqualTo(Permission.GRANTED);
    }

    @Test
    void mayPublish_afterAnotherAttemptStarted_mayNot() throws Exception {
        append(Samples.queued(build));
        append(Samples.started(build, "a", 1));
        append(Samples.started(build, "b", 2));
        assertThat(log().mayPublish(Samples.publishing(build, "a"))).isEqualTo(Permission.REFUSED);
        assertThat(log().mayPublish(Samples.publishing(build, "b"))).isEqualTo(Permission.GRANTED);
    }

    @Test
    void mayPublish_publisherBeforeWasKilled_nextAttemptMayAndTheFormerNoMore() throws Exception {
        append(Samples.queued(build));
        append(Samples.started(build, "a", 1));
        assertThat(log().mayPublish(Samples.publishing(build, "a"))).isEqualTo(Permission.GRANTED);
        append(Samples.started(build, "b", 2));
        assertThat(log().mayPublish(Samples.publishing(build, "b"))).isEqualTo(Permission.GRANTED);
        assertThat(log().mayPublish(Samples.publishing(build, "a"))).isEqualTo(Permission.REFUSED);
    }

    @Test
    void mayPublish_afterTheOutcome_mayNot() throws Exception {
        append(Samples.queued(build));
        append(Samples.started(build, "a", 1));
        append(new BuildEvent.Cancelled(build, Samples.TIME, Optional.empty(), "by ada", Optional.empty()));
        assertThat(log().mayPublish(Samples.publishing(build, "a"))).isEqualTo(Permission.REFUSED);
        append(Samples.started(build, "b", 2));
        assertThat(log().mayPublish(Samples.publishing(build, "b"))).isEqualTo(Permission.REFUSED);
    }

    @Test
    void mayPublish_neverStarted_mayNot() throws Exception {
        append(Samples.queued(build));
        assertThat(log().mayPublish(Samples.publishing(build, "a"))).isEqualTo(Permission.REFUSED);
    }

    @Test
    void mayPublish_afterAWishToCancel_mayNot() throws Exception {
        append(Samples.queued(build));
        append(Samples.started(build, "a", 1));
        append(new BuildEvent.CancelRequested(build, Samples.TIME, "by ada"));
        assertThat(log().mayPublish(Samples.publishing(build, "a"))).isEqualTo(Permission.CANCELLED);
        append(Samples.started(build, "b", 2));
        assertThat(log().mayPublish(Samples.publishing(build, "a"))).isEqualTo(Permission.REFUSED);
        assertThat(log().mayPublish(Samples.publishing(build, "b"))).isEqualTo(Permission.CANCELLED);
    }

    @Test
    void mayPublish_wishToCancelWhilePublishing_goesOn() throws Exception {
        append(Samples.queued(build));
        append(Samples.started(build, "a", 1));
        assertThat(log().mayPublish(Samples.publishing(build, "a"))).isEqualTo(Permission.GRANTED);
        append(new BuildEvent.CancelRequested(build, Samples.TIME, "by ada"));
        assertThat(log().mayPublish(Samples.publishing(build, "a"))).isEqualTo(Permission.GRANTED);
        append(Samples.started(build, "b", 2));
        assertThat(log().mayPublish(Samples.publishing(build, "b"))).isEqualTo(Permission.CANCELLED);
    }

    protected final long append(BuildEvent event) throws Exception {
        return log().append(event).toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    protected static List<Recorded> take(Cursor cursor, int count) throws QueueException {
        List<Recorded> all = new ArrayList<>();
        while (all.size() < count) {
            List<Recorded> some = cursor.next(PATIENCE);
            assertThat(some).as("after %d of %d events", all.size(), count).isNotEmpty();
            all.addAll(some);
        }
        return all;
    }
}
