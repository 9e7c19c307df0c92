package dev.kiln.layercache.index;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.Test;

import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.Platform;

import static org.assertj.core.api.Assertions.assertThat;

/** What every {@link CacheIndex} promises. */
public abstract class CacheIndexContract {
    protected static final Instant CREATED = Instant.parse("2026-01-02T03:04:05.123456789Z");

    /** A fresh, empty index. */
    protected abstract CacheIndex index() throws IOException;

    @Test
    void get_absent_empty() throws IOException {
        assertThat(index().get(key("a"))).isEmpty();
    }

    @Test
    void get_afterPut_equalEntry() throws IOException {
        CacheIndex index = index();

        index.put(entry("a", 3));

        assertThat(index.get(key("a"))).contains(entry("a", 3));
        assertThat(index.get(key("b"))).isEmpty();
    }

    @Test
    void put_again_lastOneWins() throws IOException {
        CacheIndex index = index();
        index.put(entry("a", 3));

        index.put(entry("a", 1));

        assertThat(index.get(key("a"))).contains(entry("a", 1));
    }

    @Test
    void remove_presentOrNot_absentThen() throws IOException {
        CacheIndex index = index();
        index.put(entry("a", 3));

        index.remove(key("a"));
        index.remove(key("a"));

        assertThat(index.get(key("a"))).isEmpty();
    }

    @Test
    void putAndGet_fromManyThreads_eachSeesItsOwn() throws Exception {
        CacheIndex index = index();
        List<Future<Optional<CacheEntry>>> found = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 32; i++) {
                String name = "k" + i;
                found.add(threads.submit(() -> {
                    index.put(entry(name, 2));
                    return index.get(key(name));
                }));
            }
        }
        for (int i = 0; i < 32; i++) {
            assertThat(found.get(i).get()).contains(entry("k" + i, 2));
        }
    }

    protected static CacheKey key(String name) {
        return new CacheKey(Digest.sha256(name.getBytes(StandardCharsets.UTF_8)));
    }

    /** An entry that uses every field. */
    protected static CacheEntry entry(String name, int layers) {
        List<CachedLayer> list = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            Digest digest = Digest.sha256(new byte[]{(byte) i});
            list.add(new CachedLayer(digest,
                    new Descriptor("type/" + i, digest, 1L << 40, i == 0 ? Map.of() : Map.of("k", "ä"),
                            i == 0 ? Optional.empty() : Optional.of(Platform.parse("linux/arm/v7")),
                            i == 0 ? Optional.empty() : Optional.of("artifact")),
                    i, i == 0 ? Optional.empty() : Optional.of("snapshot-" + i),
                    i == 0 ? Optional.empty() : Optional.of(CREATED)));
        }
        return new CacheEntry(key(name), list, Duration.ofNanos(1_234_567_890_123L), CREATED,
                Map.of("step", name, "ARG VERSION", "ünï\n" + "x".repeat(100_000)));
    }
}
