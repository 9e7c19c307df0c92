package dev.kiln.layercache.layer;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.RawPath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class LayerRepackTest {
    private static final List<Compression> ALL = List.of(Compression.NONE, new Compression.Gzip(0), Compression.GZIP,
            new Compression.Gzip(9), new Compression.Zstd(0), Compression.ZSTD, new Compression.Zstd(12),
            new Compression.Zstd(22));

    private final InMemoryBlobs blobs = new InMemoryBlobs();
    private final LayerPacker packer = new LayerPacker(blobs, 2);

    @AfterEach
    void close() {
        packer.close();
    }

    /** More than a block, a part of which cannot be compressed. */
    private static byte[] tar() throws IOException {
        byte[] noise = new byte[300_000];
        new Random(1).nextBytes(noise);
        return new TestTar().file("text", "abcdefgh".repeat(140_000))
            .file(RawPath.ofUtf8("noise"), noise,
                    TestTar.attributes(0644, Map.of()))
            .bytes();
    }

    @Test
    void repack_anyFormToAnyOther_keepsTheTarAndIsTheSameAgain() throws IOException {
        byte[] tar = tar();
        byte[] from = TestTar.gzip(tar);
        for (Compression compression : ALL) {
            PackedLayer layer = packer.repack(() -> new ByteArrayInputStream(from), compression);

            assertThat(layer.diffId()).isEqualTo(Digest.sha256(tar));
            assertThat(layer.tarSize()).isEqualTo(tar.length);
            assertThat(layer.blob().mediaType()).isEqualTo(compression.mediaType());
            byte[] stored = blobs.get(layer.blob().digest());
            assertThat(packer.repack(() -> new ByteArrayInputStream(stored), Compression.NONE).blob().digest())
                .isEqualTo(Digest.sha256(tar));
            assertThat(packer.repack(() -> new ByteArrayInputStream(tar), compression)).isEqualTo(layer);
        }
    }

    @Test
    void repack_cutShort_isRefusedAndNothingIsKept() throws IOException {
        byte[] whole = TestTar.zstd(tar());
        byte[] half = Arrays.copyOf(whole, whole.length / 2);

        assertThatExceptionOfType(LayerException.class)
            .isThrownBy(() -> packer.repack(() -> new ByteArrayInputStream(half), Compression.GZIP))
            .satisfies(e -> assertThat(e.code()).isEqualTo(Code.CORRUPT));
        assertThat(blobs.count()).isZero();
    }
}
