package dev.kiln.layercache.layer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

import org.junit.jupiter.api.Test;

import dev.kiln.layercache.layer.LayerException.Code;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class GzipInputTest {
    private static final byte[] ONE = "one ".repeat(1000).getBytes(UTF_8);
    private static final byte[] TWO = "two".getBytes(UTF_8);

    @Test
    void read_severalMembersInDribbles_givesAll() throws IOException {
        byte[] both = concat(TestTar.gzip(ONE), TestTar.gzip(new byte[0]), TestTar.gzip(TWO));
        assertThat(read(dribble(both))).isEqualTo(concat(ONE, TWO));
    }

    @Test
    void read_zerosAfterTheEnd_arePadding() throws IOException {
        assertThat(read(concat(TestTar.gzip(ONE), new byte[700]))).isEqualTo(ONE);
    }

    @Test
    void read_somethingElseAfterTheEnd_isRefused() throws IOException {
        byte[] whole = TestTar.gzip(ONE);
        assertCorrupt(concat(whole, new byte[]{0, 0, 7}));
        assertCorrupt(concat(whole, TWO));
    }

    @Test
    void read_optionalHeaderFields_arePassedOver() throws IOException {
        byte[] plain = TestTar.gzip(ONE);
        byte[] start = Arrays.copyOf(plain, 10);
        start[3] = 2 | 4 | 8 | 16;
        byte[] fields = {3, 0, 9, 9, 9, 'n', 0, 'c', 'c', 0, 5, 5};
        byte[] rest = Arrays.copyOfRange(plain, 10, plain.length);
        assertThat(read(concat(start, fields, rest))).isEqualTo(ONE);
    }

    @Test
    void read_anyTruncation_isRefused() throws IOException {
        byte[] whole = TestTar.gzip(TWO);
        for (int length = 1; length < whole.length; length++) {
            assertCorrupt(Arrays.copyOf(whole, length));
        }
    }

    @Test
    void read_wrongChecksum_isRefused() throws IOException {
        byte[] whole = TestTar.gzip(ONE);
        whole[whole.length - 8] ^= 1;
        assertCorrupt(whole);
    }

    @Test
    void read_damagedData_isRefused() throws IOException {
        byte[] whole = TestTar.gzip(ONE);
        whole[10] |= 6;
        assertCorrupt(whole);
    }

    private static void assertCorrupt(byte[] bytes) {
        assertThatExceptionOfType(LayerException.class).isThrownBy(() -> read(bytes))
            .satisfies(e -> assertThat(e.code()).isEqualTo(Code.CORRUPT));
    }

    private static byte[] read(byte[] bytes) throws IOException {
        return read(new ByteArrayInputStream(bytes));
    }

    private static byte[] read(InputStream in) throws IOException {
        try (GzipInput gzip = new GzipInput(in)) {
            return gzip.readAllBytes();
        }
    }

    /** Gives one byte at a time and never says that it has more: where the JDK's reader loses members. */
    private static InputStream dribble(byte[] bytes) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] into, int offset, int length) {
                return super.read(into, offset, Math.min(1, length));
            }

            @Override
            public synchronized int available() {
                return 0;
            }
        };
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
