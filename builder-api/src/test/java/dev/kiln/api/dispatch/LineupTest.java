package dev.kiln.api.dispatch;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import dev.kiln.queue.BacklogEntry;
import dev.kiln.queue.Samples;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.job.Job;
import dev.kiln.queue.job.Priority;
import dev.kiln.queue.job.QueueOptions;

import static org.assertj.core.api.Assertions.assertThat;

class LineupTest {
    private static final Instant NOW = Instant.parse("2026-08-01T12:00:00Z");
    private final Random random = new Random(7);
    private final List<BacklogEntry> backlog = new ArrayList<>();
    private Instant submitted = NOW;

    private BacklogEntry add(String tenant, Priority priority) {
        submitted = submitted.plusMillis(1);
        BuildId id = BuildId.create(submitted, random);
        BacklogEntry entry = BacklogEntry.waiting(Job.of(Samples.request(id)
            .as(id, submitted)
            .withQueueing(new QueueOptions(tenant, priority, Optional.empty(), QueueOptions.Deadlines.NONE))),
                submitted);
        backlog.add(entry);
        return entry;
    }

    private void add(String tenant, int count) {
        IntStream.range(0, count).forEach(_ -> add(tenant, Priority.NORMAL));
    }

    private static String tenant(BacklogEntry entry) {
        return entry.job().request().queueing().tenant();
    }

    /** Hands out the next build; it runs until {@link #end}. */
    private BacklogEntry next(Lineup lineup) {
        BacklogEntry next = lineup.round(backlog, NOW).next().orElseThrow();
        backlog.set(backlog.indexOf(next), next.handedOut(NOW));
        return next;
    }

    private void end(BacklogEntry entry) {
        backlog.removeIf(one -> one.build().equals(entry.build()));
    }

    @Test
    void oneTenant_goesInOrderOfArrival() {
        add("a", 20);
        List<BacklogEntry> arrived = List.copyOf(backlog);
        assertThat(new Lineup(TenantRules.EQUAL).order(backlog, NOW)).isEqualTo(arrived);
    }

    @Test
    void fiveBuildsBehindFiveHundred_waitForNobody() {
        add("many", 500);
        add("few", 5);
        Lineup lineup = new Lineup(TenantRules.EQUAL);
        List<String> first = IntStream.range(0, 10).mapToObj(_ -> tenant(next(lineup))).toList();
        assertThat(first).filteredOn("few"::equals).hasSize(5);
    }

    @Test
    void weights_shareTheSlots() {
        add("heavy", 200);
        add("light", 200);
        Lineup lineup = new Lineup(new TenantRules(Map.of("heavy", new TenantRules.Tenant(3, 1000)),
                TenantRules.EQUAL.usual()));
        List<String> first = IntStream.range(0, 40).mapToObj(_ -> tenant(next(lineup))).toList();
        assertThat(first).filteredOn("heavy"::equals).hasSize(30);
    }

    @Test
    void weights_shareASingleSlotByTurns() {
        add("heavy", 200);
        add("light", 200);
        Lineup lineup = new Lineup(new TenantRules(Map.of("heavy", new TenantRules.Tenant(3, 1000)),
                TenantRules.EQUAL.usual()));
        List<String> first = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            BacklogEntry next = next(lineup);
            first.add(tenant(next));
            end(next);
        }
        assertThat(first).filteredOn("heavy"::equals).hasSize(30);
    }

    @Test
    void tenantThatComesLate_hasNoCreditForTheTimeBefore() {
        add("early", 100);
        Lineup lineup = new Lineup(TenantRules.EQUAL);
        IntStream.range(0, 50).forEach(_ -> end(next(lineup)));
        add("late", 50);
        List<String> first = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            BacklogEntry next = next(lineup);
            first.add(tenant(next));
            end(next);
        }
        assertThat(first).filteredOn("late"::equals).hasSize(10);
    }

    @Test
    void limitOfATenant_isKept() {
        add("a", 5);
        add("b", 1);
        Lineup lineup = new Lineup(new TenantRules(Map.of("a", new TenantRules.Tenant(1, 2)), TenantRules.EQUAL
            .usual()));
        Lineup.Round round = lineup.round(backlog, NOW);
        List<String> out = new ArrayList<>();
        for (Optional<BacklogEntry> next = round.next(); next.isPresent(); next = round.next()) {
            out.add(tenant(next.get()));
        }
        assertThat(out).containsExactlyInAnyOrder("a", "a", "b");
        assertThat(lineup.order(backlog, NOW)).as("who waits is shown all the same").hasSize(6);
    }

    @Test
    void priorities_orderTheBuildsOfOneTenantOnly() {
        BacklogEntry low = add("a", Priority.LOW);
        BacklogEntry normal = add("a", Priority.NORMAL);
        BacklogEntry high = add("a", Priority.HIGH);
        BacklogEntry other = add("b", Priority.LOW);
        assertThat(new Lineup(TenantRules.EQUAL).order(backlog, NOW)).containsExactly(high, other, normal, low);
    }

    @Test
    void buildThatWaitsLong_risesInPriority() {
        BacklogEntry low = add("a", Priority.LOW);
        submitted = NOW.plus(Lineup.PROMOTION).plusSeconds(5);
        BacklogEntry normal = add("a", Priority.NORMAL);
        Lineup lineup = new Lineup(TenantRules.EQUAL);
        assertThat(lineup.order(backlog, submitted)).containsExactly(low, normal);
        BacklogEntry high = add("a", Priority.HIGH);
        assertThat(lineup.order(backlog, submitted)).containsExactly(high, low, normal);
        assertThat(lineup.order(backlog, NOW.plus(Duration.ofHours(3)))).containsExactly(low, normal, high);
    }

    @Test
    void tenThousandBuilds_areOrderedQuickly() {
        for (int i = 0; i < 10_000; i++) {
            add("t" + i % 50, Priority.NORMAL);
        }
        long begin = System.nanoTime();
        assertThat(new Lineup(TenantRules.EQUAL).order(backlog, NOW)).hasSize(10_000);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
    }
}
