package dev.kiln.executor.cachemount;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.graph.StepMount.Permissions;
import dev.kiln.executor.graph.StepMount.Sharing;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

@Timeout(30)
class CacheMountsTest {
    @TempDir
    Path directory;
    private final AtomicInteger names = new AtomicInteger();
    private Instant now = Instant.parse("2026-01-02T03:04:05Z");
    private Owner owner;
    private CacheMounts caches;

    @BeforeEach
    void open() throws IOException {
        owner = Posix.lstat(RawPath.of(directory)).owner();
        caches = CacheMounts.open(directory, () -> "c" + System.nanoTime() + names.incrementAndGet(), () -> now);
    }

    @AfterEach
    void close() throws IOException {
        caches.close();
    }

    private Wanted wanted(String id, Sharing sharing) {
        return wanted(id, "", sharing, Wanted.NOTHING);
    }

    private Wanted wanted(String id, String origin, Sharing sharing, Wanted.Beginning beginning) {
        return new Wanted(id, origin, sharing, false, new Permissions(0755, owner.uid(), owner.gid()), beginning);
    }

    private Lent lend(Wanted... wanted) throws Exception {
        return caches.lend(List.of(wanted));
    }

    private FutureTask<Lent> lendLater(Wanted... wanted) throws InterruptedException {
        FutureTask<Lent> lent = new FutureTask<>(() -> lend(wanted));
        Thread thread = Thread.ofPlatform().start(lent);
        while (!lent.isDone() && thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        return lent;
    }

    private void reopen() throws IOException {
        caches.close();
        open();
    }

    @Test
    void lend_afterARestart_givesTheSameFiles() throws Exception {
        try (Lent lent = lend(wanted("é\n../x", Sharing.SHARED))) {
            Files.writeString(lent.directory(0).resolve("f"), "1");
        }
        reopen();
        try (Lent lent = lend(wanted("é\n../x", Sharing.LOCKED))) {
            assertThat(lent.directory(0).resolve("f")).hasContent("1");
            assertThat(lent.directory(0)).startsWith(directory.toRealPath());
        }
    }

    @Test
    void lend_otherIdOrOrigin_isAnotherCache() throws Exception {
        try (Lent lent = lend(wanted("a", Sharing.SHARED), wanted("b", Sharing.SHARED),
                wanted("a", "from", Sharing.SHARED, Wanted.NOTHING), wanted("a", Sharing.SHARED))) {
            assertThat(List.of(lent.directory(0), lent.directory(1), lent.directory(2))).doesNotHaveDuplicates();
            assertThat(lent.directory(3)).isEqualTo(lent.directory(0));
        }
    }

    @Test
    void new_isFilledOnce_whileOthersWait() throws Exception {
        CountDownLatch filling = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Wanted.Beginning slow = into -> {
            filling.countDown();
            go.await();
            Files.writeString(into.resolve("f"), "1");
            return Optional.empty();
        };
        FutureTask<Lent> first = new FutureTask<>(() -> lend(wanted("a", "", Sharing.SHARED, slow)));
        Thread.ofPlatform().start(first);
        filling.await();
        FutureTask<Lent> second = lendLater(wanted("a", "", Sharing.SHARED, _ -> {
            throw new IOException("a second time");
        }));
        assertThat(second).isNotDone();
        go.countDown();
        try (Lent one = first.get(); Lent two = second.get()) {
            assertThat(two.directory(0)).isEqualTo(one.directory(0));
            assertThat(two.directory(0).resolve("f")).hasContent("1");
        }
    }

    @Test
    void new_thatCannotBeFilled_leavesNothing_andCanBeTriedAgain() throws Exception {
        assertThatIOException().isThrownBy(() -> lend(wanted("b", Sharing.LOCKED), wanted("a", "", Sharing.SHARED,
                into -> {
                    Files.writeString(into.resolve("half"), "x");
                    throw new IOException("disk full");
                })))
            .withMessage("disk full");
        assertThat(directory.resolve("new")).isEmptyDirectory();
        try (Lent lent = lend(wanted("a", Sharing.SHARED), wanted("b", Sharing.LOCKED))) {
            assertThat(lent.directory(0)).isEmptyDirectory();
        }
    }

    @Test
    void locked_waitsForAllKindsOfOthers_andTakesNothingMeanwhile() throws Exception {
        for (Sharing other : Sharing.values()) {
            Lent held = lend(wanted("a" + other, other));
            FutureTask<Lent> waiting = lendLater(wanted("free" + other, Sharing.LOCKED),
                    wanted("a" + other, Sharing.LOCKED));
            assertThat(waiting).as(other.name()).isNotDone();
            lend(wanted("free" + other, Sharing.LOCKED)).close();
            held.close();
            waiting.get(10, TimeUnit.SECONDS).close();
        }
    }

    @Test
    void shared_whileItIsLockedByAnother_isANewOne() throws Exception {
        try (Lent locked = lend(wanted("a", Sharing.LOCKED)); Lent shared = lend(wanted("a", Sharing.SHARED))) {
            assertThat(shared.directory(0)).isNotEqualTo(locked.directory(0));
        }
        assertThat(caches.list()).hasSize(2);
    }

    @Test
    void private_ofSeveralFreeOnes_getsTheOneUsedLast() throws Exception {
        Lent one = lend(wanted("a", Sharing.PRIVATE));
        Lent two = lend(wanted("a", Sharing.PRIVATE));
        two.close();
        now = now.plusSeconds(1);
        one.close();
        reopen();
        try (Lent again = lend(wanted("a", Sharing.PRIVATE))) {
            assertThat(again.directory(0)).isEqualTo(one.directory(0));
        }
    }

    @Test
    void waiting_isSaidOnce_withTheIdsOfWhatOthersHave() throws Exception {
        List<List<String>> said = Collections.synchronizedList(new ArrayList<>());
        List<Wanted> all = List.of(wanted("a", Sharing.LOCKED), wanted("b", Sharing.LOCKED),
                wanted("c", Sharing.LOCKED));
        Lent a = lend(wanted("a", Sharing.LOCKED));
        Lent b = lend(wanted("b", Sharing.LOCKED));
        FutureTask<Lent> waiting = new FutureTask<>(() -> caches.lend(all, said::add));
        Thread.ofPlatform().start(waiting);
        await().atMost(Duration.ofSeconds(10)).until(() -> !said.isEmpty());
        a.close();
        b.close();
        waiting.get(10, TimeUnit.SECONDS).close();
        assertThat(said).containsExactly(List.of("a", "b"));
        caches.lend(all, said::add).close();
        assertThat(said).hasSize(1);
    }

    @Test
    void waiting_interrupted_endsAndTakesNothing() throws Exception {
        try (Lent _ = lend(wanted("a", Sharing.LOCKED))) {
            FutureTask<Lent> waiting = new FutureTask<>(() -> lend(wanted("a", Sharing.LOCKED)));
            Thread thread = Thread.ofPlatform().start(waiting);
            thread.interrupt();
            assertThatThrownBy(waiting::get).hasCauseInstanceOf(InterruptedException.class);
        }
        lend(wanted("a", Sharing.LOCKED)).close();
    }

    @Test
    void borrowed_isWaitedForByAll_andNeverRemoved() throws Exception {
        lend(wanted("a", Sharing.SHARED)).close();
        Instant used = now;
        now = now.plusSeconds(5);
        for (Sharing sharing : Sharing.values()) {
            Borrowed borrowed = caches.borrow("a", "", Duration.ZERO).orElseThrow();
            FutureTask<Lent> waiting = lendLater(wanted("a", sharing));
            assertThat(waiting).as(sharing.name()).isNotDone();
            assertThat(caches.remove(caches.list().getFirst().name())).isFalse();
            assertThat(caches.list().getFirst().lastUsed()).isEqualTo(used);
            borrowed.close();
            borrowed.close();
            try (Lent lent = waiting.get(10, TimeUnit.SECONDS)) {
                assertThat(lent.directory(0)).isEqualTo(borrowed.directory());
            }
            used = now;
        }
        assertThat(caches.list()).hasSize(1);
    }

    @Test
    void borrow_whatIsNotThereOrInUse_isNothing() throws Exception {
        assertThat(caches.borrow("a", "", Duration.ofHours(1))).isEmpty();
        try (Lent _ = lend(wanted("a", Sharing.SHARED))) {
            assertThat(caches.borrow("a", "", Duration.ZERO)).isEmpty();
            assertThat(caches.borrow("a", "", Duration.ofMillis(1))).isEmpty();
        }
        assertThat(caches.origins("a")).containsExactly("");
        assertThat(caches.origins("b")).isEmpty();
    }

    @Test
    void note_staysWithTheCache_overARestart() throws Exception {
        lend(wanted("a", Sharing.SHARED)).close();
        try (Borrowed borrowed = caches.borrow("a", "", Duration.ZERO).orElseThrow()) {
            assertThat(borrowed.note()).isEmpty();
            borrowed.keepNote(new byte[]{1, 2});
        }
        reopen();
        try (Borrowed borrowed = caches.borrow("a", "", Duration.ZERO).orElseThrow()) {
            assertThat(borrowed.note().orElseThrow()).containsExactly(1, 2);
        }
    }

    @Test
    void list_saysWhatThereIs_andRemoveTakesWhatNobodyHas() throws Exception {
        Lent lent = lend(wanted("a", Sharing.SHARED));
        Files.write(lent.directory(0).resolve("f"), new byte[5000]);
        KeptCache cache = caches.list().getFirst();
        assertThat(cache.id()).isEqualTo("a");
        assertThat(cache.bytes()).isGreaterThanOrEqualTo(8192);
        assertThat(cache.lent()).isTrue();
        assertThat(caches.remove(cache.name())).isFalse();
        now = now.plusSeconds(60);
        lent.close();
        lent.close();
        assertThat(caches.list().getFirst().lastUsed()).isEqualTo(now);
        assertThat(caches.remove(cache.name())).isTrue();
        assertThat(caches.remove(cache.name())).isFalse();
        assertThat(caches.list()).isEmpty();
        assertThat(directory.resolve("kept")).isEmptyDirectory();
    }

    @Test
    void open_afterACrash_dropsWhatIsUnfinishedAndKeepsTheRest() throws Exception {
        try (Lent lent = lend(wanted("a", Sharing.SHARED))) {
            Files.writeString(lent.directory(0).resolve("f"), "1");
        }
        Files.createDirectories(directory.resolve("new/x/fs"));
        Files.createDirectories(directory.resolve("kept/without-a-state/fs"));
        Files.createDirectories(directory.resolve("kept/damaged/fs"));
        Files.writeString(directory.resolve("kept/damaged/about.json"), "{");
        Files.createDirectories(directory.resolve("trash/y/fs"));
        reopen();
        assertThat(caches.list()).singleElement().satisfies(cache -> assertThat(cache.id()).isEqualTo("a"));
        assertThat(directory.resolve("new")).isEmptyDirectory();
        assertThat(directory.resolve("trash")).isEmptyDirectory();
        assertThat(Files.list(directory.resolve("kept"))).hasSize(1);
    }

    @Test
    void open_whatAnotherUses_isRefused_andNobodyElseOfTheHostGetsIn() throws Exception {
        assertThatIOException().isThrownBy(() -> CacheMounts.open(directory, () -> "x", () -> now))
            .withMessageContaining("another process uses them");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory))).isEqualTo("rwx------");
    }
}
