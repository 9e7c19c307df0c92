package dev.kiln.layercache.lease;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.content.DiskContentStore;
import dev.kiln.layercache.oci.Digest;

import static org.assertj.core.api.Assertions.assertThat;

class BlobStockTest {
    @TempDir
    private Path folder;
    private final Leases leases = new Leases(InstantSource.system());
    private final Set<Digest> held = new HashSet<>();

    private DiskContentStore open() throws IOException {
        return DiskContentStore.open(folder.resolve("content"), blob -> leases.use(Item.blob(blob)));
    }

    private Collector collector(DiskContentStore content) throws IOException {
        BlobStock blobs = new BlobStock(content, () -> held);
        return new Collector(List.of(blobs, new Remainder(List.of(folder), List.of(blobs))), leases,
                Volume.of(folder), IndexSweep.NONE, InstantSource.system());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void blob_thatSomebodyHolds_stays() throws IOException {
        try (DiskContentStore content = open()) {
            Digest image = content.ingest(bytes("image"));
            Digest cache = content.ingest(bytes("cache"));
            held.add(image);

            collector(content).collect(List.of(Policy.everything(true)));

            assertThat(content.size(image)).isPresent();
            assertThat(content.size(cache)).isEmpty();
        }
    }

    @Test
    void blob_storedOrLookedAtDuringALease_stays() throws IOException {
        try (DiskContentStore content = open()) {
            Digest before = content.ingest(bytes("before"));
            Digest unused = content.ingest(bytes("unused"));
            try (Lease _ = leases.open()) {
                assertThat(content.size(before)).hasValue(6);
                Digest made = content.ingest(bytes("made"));

                collector(content).collect(List.of(Policy.everything(true)));

                assertThat(content.size(before)).isPresent();
                assertThat(content.size(made)).isPresent();
                assertThat(content.size(unused)).isEmpty();
            }
            collector(content).collect(List.of(Policy.everything(true)));
            assertThat(content.size(before)).isEmpty();
        }
    }

    @Test
    void use_outlivesTheProcess() throws IOException {
        Digest blob;
        Instant longAgo = Instant.parse("2020-01-01T00:00:00Z");
        try (DiskContentStore earlier = DiskContentStore.open(folder.resolve("content"))) {
            blob = earlier.ingest(bytes("old"));
            Marks.used(earlier.file(blob).orElseThrow(), longAgo);
        }
        try (DiskContentStore content = open()) {
            assertThat(collector(content).usage().items()).anySatisfy(
                    item -> assertThat(item.times().lastUsed()).isEqualTo(longAgo));
            assertThat(content.size(blob)).isPresent();
            collector(content).collect(List.of());
        }
        try (DiskContentStore content = open()) {
            Instant used = Files.getLastModifiedTime(content.file(blob).orElseThrow()).toInstant();
            assertThat(used).isAfter(Instant.now().minusSeconds(60));
        }
    }

    @Test
    void usage_isWhatDuSays() throws Exception {
        try (DiskContentStore content = open()) {
            for (int i = 0; i < 50; i++) {
                content.ingest(new byte[i * 777]);
            }
            Path linked = Files.write(folder.resolve("one"), new byte[10_000]);
            Files.createLink(folder.resolve("two"), linked);
            Files.createSymbolicLink(folder.resolve("link"), Path.of("x".repeat(200)));
            try (RandomAccessFile hole = new RandomAccessFile(folder.resolve("hole").toFile(), "rw")) {
                hole.setLength(10 << 20);
            }
            assertThat(collector(content).usage().bytes()).isEqualTo(du(folder));
        }
    }

    private static long du(Path folder) throws IOException, InterruptedException {
        Process du = new ProcessBuilder("du", "-sx", "--block-size=1", folder.toString()).start();
        String out = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(du.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return Long.parseLong(out.substring(0, out.indexOf('\t')));
    }
}
