package dev.kiln.executor.cachemount;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.graph.StepMount.Permissions;
import dev.kiln.executor.graph.StepMount.Sharing;
import dev.kiln.executor.mount.LinuxMounter;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

import static org.assertj.core.api.Assertions.assertThat;

/** Caches whose writes count only when the step ends well. */
@Tag("privileged")
@Timeout(60)
class OnlyOnSuccessIT {
    @TempDir
    Path directory;
    private final AtomicInteger names = new AtomicInteger();
    private CacheMounts caches;

    @BeforeEach
    void open() throws IOException {
        caches = CacheMounts.open(directory, () -> "c" + System.nanoTime() + names.incrementAndGet(), Instant::now);
    }

    @AfterEach
    void close() throws IOException {
        caches.close();
        assertThat(LinuxMounter.mountsBelow(directory.toRealPath())).isEmpty();
        assertThat(directory.resolve("new")).isEmptyDirectory();
        assertThat(directory.resolve("merging")).isEmptyDirectory();
    }

    private static Wanted wanted(Sharing sharing, boolean onlyOnSuccess) {
        return new Wanted("a", "", sharing, onlyOnSuccess, new Permissions(0755, 0, 0), Wanted.NOTHING);
    }

    private Lent lend(Sharing sharing, boolean onlyOnSuccess) throws Exception {
        return caches.lend(List.of(wanted(sharing, onlyOnSuccess)));
    }

    private FutureTask<Lent> lendLater(Sharing sharing, boolean onlyOnSuccess) {
        FutureTask<Lent> lent = new FutureTask<>(() -> lend(sharing, onlyOnSuccess));
        Thread thread = Thread.ofPlatform().start(lent);
        while (!lent.isDone() && thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        return lent;
    }

    private Path kept() throws IOException {
        try (var all = Files.list(directory.resolve("kept"))) {
            return all.findFirst().orElseThrow().resolve("fs");
        }
    }

    private void fill() throws Exception {
        try (Lent lent = lend(Sharing.SHARED, false)) {
            Files.writeString(lent.directory(0).resolve("old"), "1");
            Files.createDirectory(lent.directory(0).resolve("d"));
            Files.writeString(lent.directory(0).resolve("d/gone"), "1");
        }
    }

    private static void work(Path cache) throws IOException {
        assertThat(cache.resolve("old")).hasContent("1");
        Files.writeString(cache.resolve("old"), "2");
        Files.writeString(cache.resolve("d/new"), "2");
        Files.delete(cache.resolve("d/gone"));
        Posix.chmod(RawPath.of(cache), 0700);
        assertThat(cache.resolve("d").toFile().list()).containsExactly("new");
    }

    @Test
    void writes_ofAStepThatFails_vanish() throws Exception {
        fill();
        try (Lent lent = lend(Sharing.SHARED, true)) {
            work(lent.directory(0));
        }
        assertThat(kept().resolve("old")).hasContent("1");
        assertThat(kept().resolve("d").toFile().list()).containsExactly("gone");
        assertThat(Posix.lstat(RawPath.of(kept())).mode()).isEqualTo(0755);
    }

    @Test
    void writes_ofAStepThatEndsWell_stay() throws Exception {
        fill();
        try (Lent lent = lend(Sharing.LOCKED, true)) {
            work(lent.directory(0));
            lent.succeeded();
        }
        assertThat(kept().resolve("old")).hasContent("2");
        assertThat(kept().resolve("d").toFile().list()).containsExactly("new");
        assertThat(Posix.lstat(RawPath.of(kept())).mode()).isEqualTo(0700);
    }

    @Test
    void writes_throughAPartOfTheCache_areOfTheSameView() throws Exception {
        fill();
        for (boolean success : List.of(false, true)) {
            try (Lent lent = lend(Sharing.SHARED, true)) {
                Files.writeString(lent.part(0, "d").orElseThrow().resolve("new"), "2");
                assertThat(lent.directory(0).resolve("d/new")).hasContent("2");
                if (success) {
                    lent.succeeded();
                }
            }
            assertThat(Files.exists(kept().resolve("d/new"))).isEqualTo(success);
        }
    }

    @Test
    void shared_isHadAlone_andOthersWaitRatherThanGetAnotherOne() throws Exception {
        fill();
        for (Wanted other : List.of(wanted(Sharing.SHARED, false), wanted(Sharing.SHARED, true),
                wanted(Sharing.PRIVATE, false), wanted(Sharing.LOCKED, false))) {
            Lent held = lend(Sharing.SHARED, true);
            Files.writeString(held.directory(0).resolve("x"), other.toString());
            FutureTask<Lent> waiting = lendLater(other.sharing(), other.onlyOnSuccess());
            assertThat(waiting).isNotDone();
            held.succeeded();
            held.close();
            try (Lent next = waiting.get(10, TimeUnit.SECONDS)) {
                assertThat(next.directory(0).resolve("x")).hasContent(other.toString());
            }
        }
        assertThat(caches.list()).hasSize(1);
    }

    @Test
    void shared_whileOthersHaveIt_waitsForThem() throws Exception {
        Lent one = lend(Sharing.SHARED, false);
        Lent two = lend(Sharing.SHARED, false);
        FutureTask<Lent> waiting = lendLater(Sharing.SHARED, true);
        one.close();
        assertThat(waiting).isNotDone();
        two.close();
        waiting.get(10, TimeUnit.SECONDS).close();
        assertThat(caches.list()).hasSize(1);
    }

    /** As a kill leaves it after the step and before, or in the middle of, the merge. */
    @Test
    void merge_thatAKillInterrupted_isFinishedByTheNextStart() throws Exception {
        fill();
        Path unfinished = directory.resolve("new/view");
        ScratchView view = ScratchView.open(kept().getParent().getFileName().toString(), kept(), unfinished,
                directory.resolve("shown/view"), LinuxMounter.probe(directory));
        work(view.root());
        view.unmount();
        caches.close();
        Files.move(unfinished, directory.resolve("merging").resolve(view.name()));
        Files.createDirectories(directory.resolve("merging/of-a-cache-that-is-gone/upper"));
        open();
        assertThat(kept().resolve("old")).hasContent("2");
        assertThat(kept().resolve("d").toFile().list()).containsExactly("new");
    }

    @Test
    void view_thatAKillLeft_isGoneAfterTheNextStart() throws Exception {
        fill();
        ScratchView view = ScratchView.open("x", kept(), directory.resolve("new/view"),
                directory.resolve("shown/view"), LinuxMounter.probe(directory));
        work(view.root());
        caches.close();
        open();
        assertThat(kept().resolve("old")).hasContent("1");
        assertThat(kept().resolve("d").toFile().list()).containsExactly("gone");
    }
}
