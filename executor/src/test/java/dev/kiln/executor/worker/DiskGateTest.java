package dev.kiln.executor.worker;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.lease.Collector;
import dev.kiln.layercache.lease.IndexSweep;
import dev.kiln.layercache.lease.Keeper;
import dev.kiln.layercache.lease.Leases;
import dev.kiln.layercache.lease.Volume;
import dev.kiln.queue.event.BuildEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(30)
class DiskGateTest {
    private static final long FLOOR = 100 << 20;
    private static final DiskGate.Pace QUICK = new DiskGate.Pace(Duration.ofMillis(1), Duration.ofMillis(1),
            Duration.ofMillis(1));

    private final AtomicLong free = new AtomicLong(FLOOR);
    private final List<String> told = new ArrayList<>();
    private DiskGate gate = gate(Duration.ofSeconds(20));

    private DiskGate gate(Duration patience) {
        Collector collector = new Collector(List.of(), new Leases(InstantSource.system()), new Volume() {
            @Override
            public long free() {
                return free.get();
            }

            @Override
            public long total() {
                return 10 * FLOOR;
            }
        }, IndexSweep.NONE, InstantSource.system());
        return new DiskGate(new Keeper(collector, List.of(), Duration.ZERO), FLOOR, patience, QUICK);
    }

    @AfterEach
    void close() {
        gate.close();
    }

    @Test
    void build_thatHasRoom_beginsAtOnce() throws Exception {
        gate.admit(told::add);

        assertThat(told).isEmpty();
    }

    @Test
    void build_withoutRoom_waits_andSaysSoOnce() throws Exception {
        free.set(FLOOR - 1);
        List<String> heard = new CopyOnWriteArrayList<>();
        FutureTask<Boolean> build = new FutureTask<>(() -> {
            gate.admit(words -> {
                heard.add(words);
                free.set(FLOOR);
            });
            return true;
        });
        Thread.startVirtualThread(build);

        assertThat(build.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(heard).singleElement().asString().contains("the build waits");
    }

    @Test
    void build_thatWaitedForTooLong_fails() {
        free.set(FLOOR - 1);
        gate = gate(Duration.ZERO);

        assertThatThrownBy(() -> gate.admit(told::add)).isInstanceOfSatisfying(BuildFailed.class, failed -> {
            assertThat(failed.reason()).isEqualTo(BuildEvent.Reason.NO_SPACE);
            assertThat(failed.message()).contains("kiln prune");
        });
    }

    @Test
    void guard_endsTheLatestBuildFirst_andTheOtherWhenThatIsNotEnough() throws Exception {
        List<String> ended = new CopyOnWriteArrayList<>();
        gate.start();
        try (DiskGate.Running _ = gate.enter(words -> {
            ended.add("first");
            free.set(FLOOR);
        }); DiskGate.Running _ = gate.enter(words -> ended.add("second: " + words))) {
            free.set(FLOOR / 2 - 1);
            while (ended.size() < 2) {
                Thread.onSpinWait();
            }
        }
        assertThat(ended.getFirst()).startsWith("second: no space left");
        assertThat(ended.getLast()).isEqualTo("first");
    }

    @Test
    void fullDisk_isKnown_howeverItIsSaid() {
        assertThat(Causes.hasFullDisk(new IOException("No space left on device"))).isTrue();
        assertThat(Causes.hasFullDisk(new IllegalStateException(new IOException("x", new ContentException(
                ContentException.Code.NO_SPACE, "full")))))
            .isTrue();
        IOException suppressing = new IOException("closing failed");
        suppressing.addSuppressed(new IOException("/a/b: Disk quota exceeded"));
        assertThat(Causes.hasFullDisk(suppressing)).isTrue();
        assertThat(Causes.hasFullDisk(new IOException("Permission denied"))).isFalse();
        assertThat(Causes.hasFullDisk(new IllegalStateException("No space left on device, said a step"))).isFalse();
    }
}
