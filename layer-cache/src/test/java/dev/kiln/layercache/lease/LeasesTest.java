package dev.kiln.layercache.lease;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class LeasesTest {
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-08-01T12:00:00Z"));
    private final Leases leases = new Leases(now::get);
    private final Item item = Item.layer("one");

    private boolean goes() throws IOException {
        return leases.remove(item, () -> Optional.of("gone")).isPresent();
    }

    @Test
    void use_withoutALease_holdsNothing() throws IOException {
        leases.use(item);

        assertThat(goes()).isTrue();
    }

    @Test
    void use_isHeldUntilAllLeasesOfThatMomentClose() throws IOException {
        Lease first = leases.open();
        Lease second = leases.open();
        leases.use(item);
        Lease later = leases.open();

        assertThat(goes()).isFalse();
        first.close();
        assertThat(goes()).isFalse();
        second.close();
        assertThat(goes()).isTrue();
        later.close();
    }

    @Test
    void lease_openedAfterTheUse_doesNotHold() throws IOException {
        leases.use(item);
        try (Lease _ = leases.open()) {
            assertThat(goes()).isTrue();
        }
    }

    @Test
    void grace_holdsForItsTime_orUntilSettled() throws IOException {
        leases.use(item, Duration.ofMinutes(10));
        assertThat(goes()).isFalse();
        now.updateAndGet(time -> time.plus(Duration.ofMinutes(11)));
        assertThat(goes()).isTrue();

        leases.use(item, Duration.ofMinutes(10));
        leases.settle(List.of(item), now.get().minusSeconds(1));
        assertThat(goes()).isFalse();
        leases.settle(List.of(item), now.get());
        assertThat(goes()).isTrue();
    }

    @Test
    void use_duringARemoval_waitsForItsEnd() throws Exception {
        CountDownLatch removing = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        List<String> order = java.util.Collections.synchronizedList(new ArrayList<>());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> removal = threads.submit(() -> leases.remove(item, () -> {
                removing.countDown();
                await(mayEnd);
                order.add("removed");
                return Optional.of("gone");
            }));
            removing.await();
            Future<?> use = threads.submit(() -> {
                leases.use(item);
                order.add("used");
            });
            mayEnd.countDown();
            removal.get();
            use.get();
        }
        assertThat(order).containsExactly("removed", "used");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Builds look things up, make what they miss, and rely on it; meanwhile everything that can go is taken away. */
    @Test
    void item_inUse_neverVanishes_whileManyUseAndCollect() throws Exception {
        ToyStock stock = new ToyStock(Kind.LAYER);
        Collector collector = new Collector(List.of(stock), leases, volume(), IndexSweep.NONE, now::get);
        AtomicInteger collected = new AtomicInteger();
        AtomicInteger vanished = new AtomicInteger();
        CountDownLatch users = new CountDownLatch(8);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                Random random = new Random(i);
                all.add(threads.submit(() -> {
                    for (int round = 0; round < 400; round++) {
                        vanished.addAndGet(build(stock, random));
                    }
                    users.countDown();
                    return null;
                }));
            }
            all.add(threads.submit(() -> {
                while (users.getCount() > 0) {
                    collected.addAndGet(collector.collect(List.of(Policy.everything(true))).items().size());
                }
                return null;
            }));
            for (Future<?> one : all) {
                one.get();
            }
        }
        assertThat(vanished).hasValue(0);
        assertThat(collected.get()).isPositive();
    }

    /** Returns how many of the things that it used were gone before it ended. */
    private int build(ToyStock stock, Random random) {
        List<String> mine = new ArrayList<>();
        try (Lease _ = leases.open()) {
            for (int i = 0; i < 5; i++) {
                String id = Integer.toString(random.nextInt(12));
                leases.use(stock.item(id));
                stock.toys.computeIfAbsent(id, _ -> new ToyStock.Toy(1, now.get(), false));
                mine.add(id);
                Thread.yield();
            }
            return (int) mine.stream().filter(id -> !stock.toys.containsKey(id)).count();
        }
    }

    private static Volume volume() {
        return new Volume() {
            @Override
            public long free() {
                return 1;
            }

            @Override
            public long total() {
                return 2;
            }
        };
    }
}
