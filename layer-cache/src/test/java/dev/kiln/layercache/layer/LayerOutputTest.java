package dev.kiln.layercache.layer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

import com.github.luben.zstd.ZstdInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import dev.kiln.layercache.oci.Digest;

import static org.assertj.core.api.Assertions.assertThat;

class LayerOutputTest {
    private static final int SIZE = 9_500_000;

    static Stream<Compression> compressions() {
        return Stream.of(Compression.GZIP, new Compression.Gzip(6), Compression.ZSTD, Compression.NONE);
    }

    @ParameterizedTest
    @MethodSource("compressions")
    void finish_anyNumberOfThreads_givesTheSameBytesThatReadBack(Compression compression) throws IOException {
        byte[] tar = halfRandom(SIZE);
        byte[] one = write(tar, compression, 1);
        assertThat(write(tar, compression, 3)).isEqualTo(one);
        assertThat(read(one, compression)).isEqualTo(tar);
    }

    @ParameterizedTest
    @MethodSource("compressions")
    void finish_sizesAroundABlock_readBack(Compression compression) throws IOException {
        int block = compression.blockSize();
        for (int size : new int[]{0, 1, block - 1, block, block + 1, 2 * block}) {
            byte[] tar = halfRandom(size);
            assertThat(read(write(tar, compression, 2), compression)).as("%s bytes", size).isEqualTo(tar);
        }
    }

    @ParameterizedTest
    @MethodSource("compressions")
    void finish_incompressible_growsByLittle(Compression compression) throws IOException {
        byte[] random = new byte[3 << 20];
        new Random(5).nextBytes(random);
        assertThat(write(random, compression, 2).length).isBetween(random.length, random.length + random.length / 500);
    }

    private static byte[] halfRandom(int size) {
        byte[] bytes = new byte[size];
        Random random = new Random(7);
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (random.nextBoolean() ? i >> 8 : random.nextInt(64));
        }
        return bytes;
    }

    private static byte[] write(byte[] tar, Compression compression, int threads) throws IOException {
        ByteArrayOutputStream blob = new ByteArrayOutputStream();
        try (CompressionPool pool = new CompressionPool(threads);
                LayerOutput out = new LayerOutput(blob, compression, pool)) {
            for (int at = 0; at < tar.length; at += 10_007) {
                out.write(tar, at, Math.min(10_007, tar.length - at));
            }
            assertThat(out.size()).isEqualTo(tar.length);
            assertThat(out.finish()).isEqualTo(Digest.sha256(tar));
        }
        return blob.toByteArray();
    }

    private static byte[] read(byte[] blob, Compression compression) throws IOException {
        ByteArrayInputStream in = new ByteArrayInputStream(blob);
        return switch (compression) {
            case Compression.None _ -> blob;
            case Compression.Gzip _ -> new GZIPInputStream(in).readAllBytes();
            case Compression.Zstd _ -> new ZstdInputStream(in).readAllBytes();
        };
    }
}
