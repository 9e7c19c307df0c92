package dev.kiln.executor.snapshot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.posix.RawPath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

class LayerSyncTest {
    @TempDir
    Path layer;

    private void largeLayer() throws IOException {
        Path deep = Files.createDirectory(layer.resolve("deep"));
        for (int i = 0; i < 100; i++) {
            Files.createFile(deep.resolve("f" + i));
        }
    }

    @Test
    void smallLayer_doesNotSyncTheFilesystem() throws IOException {
        Files.createFile(layer.resolve("f"));
        Files.createSymbolicLink(layer.resolve("dangling"), Path.of("nowhere"));

        try (LayerSync sync = new LayerSync(() -> {
            throw new AssertionError("synced");
        })) {
            sync.write(RawPath.of(layer));
        }
    }

    @Test
    void askedWhileOneRuns_allShareTheNext() throws Exception {
        largeLayer();
        AtomicInteger runs = new AtomicInteger();
        AtomicInteger asking = new AtomicInteger();
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        try (var threads = Executors.newCachedThreadPool(); LayerSync sync = new LayerSync(() -> {
            runs.incrementAndGet();
            began.countDown();
            awaitQuietly(end);
        })) {
            Future<?> first = threads.submit(() -> write(sync));
            began.await();
            Thread[] others = new Thread[5];
            for (int i = 0; i < others.length; i++) {
                others[i] = Thread.ofPlatform().start(() -> {
                    asking.incrementAndGet();
                    write(sync);
                });
            }
            await().until(() -> asking.get() == 5 && allWaiting(others));
            end.countDown();
            first.get();
            for (Thread other : others) {
                other.join();
            }
        }

        assertThat(runs).hasValue(2);
    }

    @Test
    void failure_reachesWhoAsked_andTheNextTriesAgain() throws IOException {
        largeLayer();
        AtomicInteger runs = new AtomicInteger();
        try (LayerSync sync = new LayerSync(() -> {
            if (runs.incrementAndGet() == 1) {
                throw new IOException("disk on fire");
            }
        })) {
            assertThatIOException().isThrownBy(() -> sync.write(RawPath.of(layer)))
                .withMessageContaining("disk on fire");
            sync.write(RawPath.of(layer));
        }

        assertThat(runs).hasValue(2);
    }

    private void write(LayerSync sync) {
        try {
            sync.write(RawPath.of(layer));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean allWaiting(Thread[] threads) {
        return Arrays.stream(threads).allMatch(t -> t.getState() == Thread.State.WAITING);
    }
}
