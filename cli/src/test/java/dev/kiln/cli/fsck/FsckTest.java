package dev.kiln.cli.fsck;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.content.DiskContentStore;
import dev.kiln.layercache.durable.Findings;
import dev.kiln.layercache.index.CacheEntry;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.index.CacheKey;
import dev.kiln.layercache.index.CaffeineCacheIndex;
import dev.kiln.layercache.layer.Compression;
import dev.kiln.layercache.layer.LayerPacker;
import dev.kiln.layercache.layer.PackedLayer;
import dev.kiln.layercache.oci.Digest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class FsckTest {
    private static final Instant THEN = Instant.parse("2026-08-01T12:00:00Z");

    @TempDir
    private Path data;
    private Path layer;
    private Path blob;

    /** A store with one layer that a step made: its files, its blob and its entry. */
    @BeforeEach
    void fill() throws Exception {
        layer = Files.createDirectories(data.resolve("executor/snapshots/snapshots/step-1/fs"));
        Files.writeString(layer.resolve("file"), "what a step wrote");
        try (DiskContentStore content = DiskContentStore.open(data.resolve("content"));
                CaffeineCacheIndex index = CaffeineCacheIndex.open(data.resolve("executor/index"));
                LayerPacker packer = new LayerPacker(content, 1)) {
            PackedLayer packed = packer.pack(layer, Compression.GZIP);
            blob = content.file(packed.blob().digest()).orElseThrow();
            index.put(new CacheEntry(new CacheKey(digest("key")), List.of(new CachedLayer(packed.diffId(),
                    packed.blob(), packed.tarSize(), Optional.of("step-1"), Optional.of(THEN))), Duration.ZERO, THEN,
                    Map.of()));
        }
    }

    private static Digest digest(String text) {
        return Digest.sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    private Findings check() throws Exception {
        return Fsck.run(data, false);
    }

    private static void flip(Path file, int at) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[at] ^= 1;
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.write(bytes);
        }
    }

    private Path entry() throws IOException {
        try (Stream<Path> files = Files.walk(data.resolve("executor/index/entries"))) {
            return files.filter(Files::isRegularFile).findFirst().orElseThrow();
        }
    }

    @Test
    void store_thatIsSound_isClean() throws Exception {
        Findings findings = check();

        assertThat(findings.damaged()).isEmpty();
        assertThat(findings.notes()).isEmpty();
    }

    @Test
    void flippedByte_inABlob_isFound_andRemovedOnlyWhenAsked() throws Exception {
        blob.toFile().setWritable(true);
        flip(blob, 20);

        assertThat(check().damaged()).singleElement().satisfies(found -> {
            assertThat(found.place()).isEqualTo(blob);
            assertThat(found.what()).contains("does not have its digest");
        });
        assertThat(blob).exists();
        assertThat(Fsck.run(data, true).damaged()).hasSize(1);
        assertThat(blob).doesNotExist();
        assertThat(check().damaged()).isEmpty();
    }

    @Test
    void flippedByte_inAnEntry_isFound() throws Exception {
        Path entry = entry();
        entry.toFile().setWritable(true);
        flip(entry, 60);

        assertThat(check().damaged()).singleElement()
            .satisfies(found -> assertThat(found.place()).isEqualTo(entry));
        assertThat(Fsck.run(data, true).damaged()).hasSize(1);
        assertThat(entry).doesNotExist();
    }

    @Test
    void flippedByte_inTheFilesOfALayer_isFound() throws Exception {
        Files.writeString(layer.resolve("file"), "what a step wrotf");

        assertThat(check().damaged()).singleElement()
            .satisfies(found -> assertThat(found.what()).contains("are not what they were"));
    }

    @Test
    void whatAKilledProcessLeft_isNoDamage() throws Exception {
        Files.createDirectories(data.resolve("executor/snapshots/active/1/fs"));
        Files.createDirectories(data.resolve("content/ingest/dead"));
        Files.writeString(data.resolve("content/ingest/dead/lock"), "");
        Files.writeString(data.resolve("content/ingest/dead/1"), "half of a blo");

        Findings findings = check();

        assertThat(findings.damaged()).isEmpty();
        assertThat(findings.notes()).singleElement().asString().contains("the next start removes");
    }

    @Test
    void entry_whoseLayerIsGone_isANote() throws Exception {
        Files.delete(blob);
        Files.delete(layer.resolve("file"));
        Files.delete(layer);
        Files.delete(layer.resolveSibling(""));

        Findings findings = check();

        assertThat(findings.damaged()).isEmpty();
        assertThat(findings.notes()).singleElement().asString().startsWith("1 entries of the index name layers");
    }

    @Test
    void folder_inUse_isRefused() throws Exception {
        try (DiskContentStore _ = DiskContentStore.open(data.resolve("content"))) {
            assertThatThrownBy(this::check).isInstanceOf(Fsck.NotOurs.class).hasMessageContaining("a process uses");
        }
        assertThat(check().damaged()).isEmpty();
    }

    @Test
    void folder_ofSomethingElse_isRefused(@TempDir Path other) {
        assertThatThrownBy(() -> Fsck.run(other, true)).isInstanceOf(Fsck.NotOurs.class)
            .hasMessageContaining("no data folder");
    }
}
