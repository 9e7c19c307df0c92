package dev.kiln.api.builds;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.api.TestFarm;
import dev.kiln.queue.BuildRecords.BuildRecord;
import dev.kiln.queue.EventLog.Recorded;
import dev.kiln.queue.InMemoryBuildRecords;
import dev.kiln.queue.InMemoryEventLog;
import dev.kiln.queue.Samples;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.BuildId;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

@Timeout(60)
class LedgerTest {
    private final Random random = new Random(7);
    private final InMemoryEventLog events = new InMemoryEventLog();
    private final InMemoryBuildRecords records = new InMemoryBuildRecords();
    private final List<BuildLedger> opened = new ArrayList<>();
    private long time = 1_000_000_000_000L;

    @AfterEach
    void stop() {
        opened.forEach(BuildLedger::close);
    }

    private BuildLedger open(BuildLedger.Bounds bounds) {
        BuildLedger ledger = new BuildLedger(events, records, bounds);
        opened.add(ledger);
        ledger.start();
        await().atMost(Duration.ofSeconds(10)).until(ledger::caughtUp);
        return ledger;
    }

    private BuildId newId() {
        return BuildId.create(Instant.ofEpochMilli(time++), random);
    }

    private long append(BuildEvent event) throws Exception {
        return events.append(event).toCompletableFuture().get();
    }

    private BuildId ended() throws Exception {
        BuildId id = newId();
        append(Samples.queued(id));
        append(Samples.started(id, "a", 1));
        append(Samples.succeeded(id, "a"));
        return id;
    }

    private static void awaitState(BuildLedger ledger, BuildId id, BuildState state) {
        await().atMost(Duration.ofSeconds(10))
            .until(() -> ledger.find(id).map(BuildState::of).filter(state::equals).isPresent());
    }

    private List<BuildRecord> recorded() throws Exception {
        List<BuildRecord> all = new ArrayList<>();
        records.forEach(all::add);
        return all;
    }

    @Test
    void records_ofBuilds_areKeptInStep() throws Exception {
        BuildLedger ledger = open(BuildLedger.Bounds.DEFAULT);
        BuildId id = newId();
        long position = append(Samples.queued(id));
        await().until(() -> !recorded().isEmpty());
        assertThat(recorded()).containsExactly(
                new BuildRecord(Samples.request(id), position, Optional.empty(), Optional.empty()));
        append(Samples.started(id, "a", 1));
        append(Samples.started(id, "b", 2));
        append(Samples.succeeded(id, "b"));
        awaitState(ledger, id, BuildState.SUCCEEDED);
        await().until(() -> recorded().getFirst().outcome().isPresent());
        assertThat(recorded().getFirst().started()).hasValue(Samples.started(id, "a", 1));
        assertThat(recorded().getFirst()).isEqualTo(ledger.get(id));
    }

    @Test
    void records_whileTheBrokerIsAway_waitForIt() throws Exception {
        BuildLedger ledger = open(BuildLedger.Bounds.DEFAULT);
        records.setAvailable(false);
        BuildId id = newId();
        CompletableFuture<Void> durable = ledger.accepted(Samples.request(id), append(Samples.queued(id)));
        append(Samples.started(id, "a", 1));
        awaitState(ledger, id, BuildState.RUNNING);
        assertThat(durable).isNotDone();
        records.setAvailable(true);
        durable.get();
        await().until(() -> recorded().getFirst().started().isPresent());
    }

    @Test
    void build_acceptedHere_isKnownBeforeItsEventComesBack() throws Exception {
        BuildLedger ledger = open(BuildLedger.Bounds.DEFAULT);
        BuildId id = newId();
        ledger.accepted(Samples.request(id), 5).get();
        assertThat(ledger.get(id).firstPosition()).isEqualTo(5);
        assertThat(recorded()).hasSize(1);
    }

    @Test
    void build_whoseStartCameBeforeItsRequest_isRunning() throws Exception {
        BuildLedger ledger = open(BuildLedger.Bounds.DEFAULT);
        BuildId id = newId();
        append(Samples.started(id, "a", 1));
        append(Samples.queued(id));
        awaitState(ledger, id, BuildState.RUNNING);
    }

    @Test
    void build_afterItsOutcome_doesNotChange() throws Exception {
        BuildLedger ledger = open(BuildLedger.Bounds.DEFAULT);
        BuildId id = ended();
        append(Samples.started(id, "b", 2));
        append(new BuildEvent.Cancelled(id, Samples.TIME, Optional.empty(), "late", Optional.empty()));
        BuildId next = ended();
        awaitState(ledger, next, BuildState.SUCCEEDED);
        assertThat(BuildState.of(ledger.get(id))).isEqualTo(BuildState.SUCCEEDED);
    }

    @Test
    void memory_forBuilds_isBoundedAndTheOldestEndedGo() throws Exception {
        BuildLedger ledger = open(new BuildLedger.Bounds(1 << 20, 20_000));
        BuildId waiting = newId();
        append(Samples.queued(waiting));
        List<BuildId> ids = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            ids.add(ended());
        }
        awaitState(ledger, ids.getLast(), BuildState.SUCCEEDED);
        assertThat(ledger.list(Optional.empty(), _ -> true, 100)).hasSizeBetween(5, 15);
        assertThat(ledger.find(waiting)).isPresent();
        assertThat(ledger.find(ids.getFirst())).isEmpty();
        assertThatThrownBy(() -> ledger.get(ids.getFirst())).hasMessageContaining("no build");
    }

    @Test
    void reader_whoseEventsTheTailDropped_readsTheLogAndMeetsTheTail() throws Exception {
        BuildLedger ledger = open(new BuildLedger.Bounds(2_000, 1 << 20));
        BuildId id = newId();
        append(Samples.queued(id));
        append(Samples.started(id, Samples.ATTEMPT, 1));
        for (int i = 0; i < 200; i++) {
            append(Samples.log(id, "line " + i));
        }
        awaitState(ledger, id, BuildState.RUNNING);
        List<Recorded> all = new ArrayList<>();
        try (BuildReader reader = ledger.read(id, -1)) {
            while (!reader.ended()) {
                all.addAll(reader.next(Duration.ofSeconds(5)));
                if (all.size() == 202) {
                    append(new BuildEvent.Cancelled(id, Samples.TIME, Optional.empty(), "x", Optional.empty()));
                }
            }
            assertThat(reader.readsLog()).isFalse();
        }
        assertThat(all).extracting(Recorded::position).isSorted().doesNotHaveDuplicates();
        assertThat(all).extracting(Recorded::event).isEqualTo(events.events(id));
    }

    @Test
    void reader_thatIsClosed_stopsWaiting() throws Exception {
        BuildLedger ledger = open(BuildLedger.Bounds.DEFAULT);
        BuildId id = newId();
        append(Samples.queued(id));
        awaitState(ledger, id, BuildState.QUEUED);
        BuildReader reader = ledger.read(id, 1000);
        CompletableFuture<List<Recorded>> next = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                next.complete(reader.next(Duration.ofHours(1)));
            } catch (Exception e) {
                next.completeExceptionally(e);
            }
        });
        reader.close();
        assertThat(next.get()).isEmpty();
    }

    @Test
    void build_whoseEventsAreGone_isToldFromItsRecord(@TempDir Path folder) throws Exception {
        try (TestFarm farm = new TestFarm(folder)) {
            BuildId id = newId();
            farm.records.put(new BuildRecord(Samples.request(id), 3, Optional.of(Samples.started(id, "a", 1)),
                    Optional.of(Samples.succeeded(id, "a"))));
            farm.restart();
            farm.awaitReady();
            farm.awaitState(id, "succeeded");
            assertThat(farm.get("/v1/builds/" + id + "/events").body()).startsWith("event: succeeded\n")
                .doesNotContain("id:");
            assertThat(farm.get("/v1/builds/" + id + "/log").statusCode()).isEqualTo(404);
        }
    }
}
