package dev.kiln.executor.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.source.UnpackedContexts.Filled;
import dev.kiln.executor.source.UnpackedContexts.Ground;
import dev.kiln.executor.source.UnpackedContexts.Handle;
import dev.kiln.layercache.oci.Digest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class UnpackedContextsTest {
    private static final Digest A = Digest.sha256(new byte[]{1});
    private static final Digest B = Digest.sha256(new byte[]{2});
    private static final Digest C = Digest.sha256(new byte[]{3});

    @TempDir
    Path directory;
    private UnpackedContexts contexts;
    private final AtomicInteger unpacked = new AtomicInteger();

    @BeforeEach
    void start() throws IOException {
        contexts = new UnpackedContexts(directory.resolve("contexts"), 1, 1000);
    }

    @AfterEach
    void stop() {
        contexts.close();
    }

    private Filled unpack(Ground ground, long bytes) throws IOException {
        unpacked.incrementAndGet();
        Files.writeString(ground.fresh().resolve("file"), "content");
        return new Filled(bytes, Optional.empty());
    }

    private Handle open(Digest archive, long bytes) throws Exception {
        return contexts.open(archive, into -> unpack(into, bytes));
    }

    @Test
    void open_twiceAtOnce_unpacksOnce() throws Exception {
        try (Handle first = open(A, 10); Handle second = open(A, 10)) {
            assertThat(second.root()).isEqualTo(first.root());
            assertThat(first.root().resolve("file")).hasContent("content");
        }
        assertThat(unpacked).hasValue(1);
    }

    @Test
    void open_afterTheLastUse_findsItAgain() throws Exception {
        open(A, 10).close();
        open(A, 10).close();

        assertThat(unpacked).hasValue(1);
    }

    @Test
    void close_moreThanMayIdle_removesTheLongestUnused() throws Exception {
        Handle a = open(A, 10);
        Handle b = open(B, 10);
        a.close();
        assertThat(a.root()).exists();

        b.close();

        assertThat(a.root()).doesNotExist();
        assertThat(b.root()).exists();
    }

    @Test
    void close_largerThanMayIdle_removesItAtOnce() throws Exception {
        Handle a = open(A, 1001);
        a.close();

        assertThat(a.root()).doesNotExist();
    }

    @Test
    void close_stillUsedByAnother_keepsIt() throws Exception {
        Handle first = open(A, 1001);
        try (Handle second = open(A, 1001)) {
            first.close();
            first.close();
            assertThat(second.root().resolve("file")).exists();
        }
        assertThat(first.root()).doesNotExist();
    }

    @Test
    void open_unpackingFailed_leavesNothingAndTriesAgain() throws Exception {
        assertThatThrownBy(() -> contexts.open(A, into -> {
            Files.writeString(into.fresh().resolve("half"), "x");
            throw new ContextException(ContextException.Code.REFUSED, "a link leads out");
        })).isInstanceOfSatisfying(ContextException.class,
                e -> assertThat(e.code()).isEqualTo(ContextException.Code.REFUSED))
            .hasMessage("a link leads out");
        assertThat(left()).isZero();

        open(A, 10).close();
        assertThat(unpacked).hasValue(1);
    }

    @Test
    void open_interrupted_givesUpUnpackingThatNobodyWaitsFor() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        CompletableFuture<Throwable> outcome = new CompletableFuture<>();
        Thread waiting = Thread.ofPlatform().start(() -> {
            try {
                contexts.open(C, into -> {
                    started.countDown();
                    new CountDownLatch(1).await();
                    return new Filled(0, Optional.empty());
                });
            } catch (Throwable e) {
                outcome.complete(e);
            }
        });
        started.await();
        waiting.interrupt();

        assertThat(outcome.get()).isInstanceOf(InterruptedException.class);
        Awaitility.await().untilAsserted(() -> assertThat(left()).isZero());
    }

    @Test
    void open_oneOfTwoInterrupted_unpacksForTheOther() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(1);
        UnpackedContexts.Unpacking slow = into -> {
            started.countDown();
            go.await();
            return unpack(into, 10);
        };
        CompletableFuture<Throwable> cancelled = new CompletableFuture<>();
        Thread first = Thread.ofPlatform().start(() -> {
            try {
                contexts.open(C, slow);
            } catch (Throwable e) {
                cancelled.complete(e);
            }
        });
        started.await();
        CompletableFuture<Handle> second = CompletableFuture.supplyAsync(() -> {
            try {
                return contexts.open(C, slow);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        Awaitility.await().until(() -> contexts.users(C) == 2);
        first.interrupt();
        cancelled.get();
        go.countDown();

        assertThat(second.get().root().resolve("file")).exists();
        assertThat(unpacked).hasValue(1);
    }

    @Test
    void start_removesWhatAnEarlierProcessLeft() throws Exception {
        Handle used = open(A, 10);

        try (UnpackedContexts next = new UnpackedContexts(directory.resolve("contexts"), 1, 1000)) {
            assertThat(used.root()).doesNotExist();
            assertThat(next.users(A)).isZero();
        }
    }

    private long left() throws IOException {
        try (Stream<Path> list = Files.list(directory.resolve("contexts"))) {
            return list.count();
        }
    }
}
