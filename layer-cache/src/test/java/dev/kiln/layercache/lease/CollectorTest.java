package dev.kiln.layercache.lease;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Test;

import dev.kiln.layercache.lease.Policy.Filter;
import dev.kiln.layercache.lease.Policy.Limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class CollectorTest {
    private static final Instant NOW = Instant.parse("2026-08-01T12:00:00Z");

    private final InstantSource clock = InstantSource.fixed(NOW);
    private final Leases leases = new Leases(clock);
    private final ToyStock layers = new ToyStock(Kind.LAYER);
    private final ToyStock caches = new ToyStock(Kind.CACHE_MOUNT);
    private final ToyStock results = new ToyStock(Kind.RESULT);
    private final List<Boolean> sweeps = new ArrayList<>();
    private long free = 1_000_000;
    private final Collector collector = new Collector(List.of(layers, caches, results), leases, new Volume() {
        @Override
        public long free() {
            return free;
        }

        @Override
        public long total() {
            return 2_000_000;
        }
    }, sweeps::add, clock);

    private static Instant hoursAgo(int hours) {
        return NOW.minus(Duration.ofHours(hours));
    }

    private static Policy downTo(long maxUsed) {
        return new Policy(Filter.ANY, Duration.ZERO, new Limits(0, maxUsed, 0), false);
    }

    @Test
    void quota_takesTheLongestUnusedFirst_andStopsWhenMet() throws IOException {
        layers.with("old", 100, hoursAgo(9)).with("newest", 100, hoursAgo(1)).with("newer", 100, hoursAgo(2));
        caches.with("oldest", 100, hoursAgo(10));

        Usage gone = collector.collect(List.of(downTo(200)));

        assertThat(gone.bytes()).isEqualTo(200);
        assertThat(caches.taken).containsExactly("oldest");
        assertThat(layers.taken).containsExactly("old");
        assertThat(layers.disposed).containsExactly("old");
        assertThat(collector.usage().bytes()).isEqualTo(200);
        assertThat(sweeps).containsExactly(false);
    }

    @Test
    void meter_hearsWhatWentAndWhatIsLeft() throws IOException {
        List<Usage> heard = new ArrayList<>();
        ToyStock some = new ToyStock(Kind.LAYER).with("old", 100, hoursAgo(9)).with("new", 70, hoursAgo(1));
        Collector measured = new Collector(List.of(some), leases, new Volume() {
            @Override
            public long free() {
                return free;
            }

            @Override
            public long total() {
                return 2_000_000;
            }
        }, IndexSweep.NONE, clock, (gone, left) -> heard.addAll(List.of(gone, left)));

        Usage gone = measured.collect(List.of(downTo(100)));

        assertThat(heard).hasSize(2).first().isEqualTo(gone);
        assertThat(heard.getLast().items()).extracting(stocked -> stocked.item().id()).containsExactly("new");
    }

    @Test
    void interrupt_endsTheRun_andIsNoProblemOfAnItem() {
        layers.with("a", 100, hoursAgo(9)).with("b", 100, hoursAgo(8));
        layers.interrupted = true;

        assertThatThrownBy(() -> collector.collect(List.of(downTo(0))))
            .isInstanceOf(ClosedByInterruptException.class);
        assertThat(layers.toys).hasSize(2);
    }

    @Test
    void quota_thatIsMet_takesNothing() throws IOException {
        layers.with("a", 100, hoursAgo(9));

        assertThat(collector.collect(List.of(downTo(100))).items()).isEmpty();
        assertThat(sweeps).isEmpty();
    }

    @Test
    void freeSpace_isMadeUpTo_butNotBelowTheReserve() throws IOException {
        layers.with("a", 400, hoursAgo(3)).with("b", 400, hoursAgo(2)).with("c", 400, hoursAgo(1));
        free = 500;

        collector.collect(List.of(new Policy(Filter.ANY, Duration.ZERO, new Limits(0, 0, 1_000), false)));
        assertThat(layers.taken).containsExactly("a", "b");

        free = 0;
        collector.collect(List.of(new Policy(Filter.ANY, Duration.ZERO, new Limits(400, 0, 1_000), false)));
        assertThat(layers.toys).containsOnlyKeys("c");
    }

    @Test
    void filterAndAge_decideWhatMayGo() throws IOException {
        layers.with("a", 100, hoursAgo(100));
        caches.with("old", 100, hoursAgo(49)).with("new", 100, hoursAgo(47));

        collector.collect(List.of(new Policy(Filter.of(Kind.CACHE_MOUNT), Duration.ofHours(48), Limits.NONE, false)));

        assertThat(caches.taken).containsExactly("old");
        assertThat(layers.taken).isEmpty();
    }

    @Test
    void ids_takeThoseAlone() throws IOException {
        layers.with("a", 1, hoursAgo(1)).with("b", 1, hoursAgo(1));

        collector.collect(List.of(new Policy(new Filter(Set.of(), Set.of("b")), Duration.ZERO, Limits.NONE, true)));

        assertThat(layers.taken).containsExactly("b");
    }

    @Test
    void results_goWithAllOnly_orWhenNamed() throws IOException {
        results.with("build", 100, hoursAgo(1));

        collector.collect(List.of(Policy.everything(false)));
        assertThat(results.taken).isEmpty();
        collector.collect(List.of(new Policy(Filter.of(Kind.RESULT), Duration.ZERO, Limits.NONE, false)));
        assertThat(results.taken).containsExactly("build");
    }

    @Test
    void everything_clearsTheIndexAlsoWhenNothingWent() throws IOException {
        collector.collect(List.of(Policy.everything(true)));

        assertThat(sweeps).containsExactly(true);
    }

    @Test
    void item_inUse_stays_andGoesLater() throws IOException {
        layers.with("used", 100, hoursAgo(9)).with("idle", 100, hoursAgo(1));
        try (Lease _ = leases.open()) {
            leases.use(layers.item("used"));
            Usage gone = collector.collect(List.of(Policy.everything(true)));
            assertThat(gone.items()).extracting(stocked -> stocked.item().id()).containsExactly("idle");
            assertThat(collector.usage().items()).singleElement().satisfies(left -> {
                assertThat(left.inUse()).isTrue();
                assertThat(left.times().lastUsed()).isEqualTo(NOW);
            });
        }
        collector.collect(List.of(Policy.everything(true)));
        assertThat(layers.toys).isEmpty();
    }

    @Test
    void item_thatItsStockHolds_stays() throws IOException {
        caches.toys.put("lent", new ToyStock.Toy(100, hoursAgo(9), true));

        assertThat(collector.collect(List.of(Policy.everything(true))).items()).isEmpty();
    }

    @Test
    void use_isWrittenDown_andDecidesTheOrder() throws IOException {
        layers.with("a", 100, hoursAgo(9)).with("b", 100, hoursAgo(8));
        leases.use(layers.item("a"));

        collector.collect(List.of(downTo(100)));

        assertThat(layers.taken).containsExactly("b");
        assertThat(layers.toys.get("a").used()).isEqualTo(NOW);
    }

    @Test
    void removal_thatFails_isTold_andTheNextItemGoes() throws IOException {
        layers.with("stuck", 100, hoursAgo(9)).with("loose", 100, hoursAgo(8));
        layers.stuck.add("stuck");

        Usage gone = collector.collect(List.of(downTo(100)));

        assertThat(gone.items()).extracting(stocked -> stocked.item().id()).containsExactly("loose");
        assertThat(gone.problems()).containsExactly("removing layer stuck failed: stuck cannot be removed");
    }

    @Test
    void policies_ofTheStandard_takeCheapThingsFirst() throws IOException {
        layers.with("layer", 600_000_000, hoursAgo(200));
        caches.with("cache", 100, hoursAgo(50));
        results.with("result", 100, hoursAgo(300));

        collector.collect(Policy.standard(new Limits(0, 700_000_000, 0)));

        assertThat(caches.taken).containsExactly("cache");
        assertThat(layers.taken).isEmpty();
        assertThat(results.taken).isEmpty();
    }

    @Test
    void standard_takesResultsOnlyWhenNothingElseIsLeft() throws IOException {
        layers.with("layer", 100, hoursAgo(1));
        results.with("result", 100, hoursAgo(300));

        collector.collect(Policy.standard(new Limits(0, 50, 0)));

        assertThat(layers.taken).containsExactly("layer");
        assertThat(results.taken).containsExactly("result");
    }
}
