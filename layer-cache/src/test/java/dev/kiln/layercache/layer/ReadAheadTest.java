package dev.kiln.layercache.layer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class ReadAheadTest {
    private static final int PIECE = 128 * 1024;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, PIECE - 1, PIECE, PIECE + 1, 20 * PIECE, 20 * PIECE + 7})
    void next_anySize_givesAllBytesThenTheEnd(int size) throws IOException {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (ReadAhead ahead = new ReadAhead(new ByteArrayInputStream(bytes))) {
            for (ReadAhead.Piece piece = ahead.next(); piece.length() > 0; piece = ahead.next()) {
                all.write(piece.bytes(), 0, piece.length());
            }
            assertThat(ahead.next().length()).isZero();
        }
        assertThat(all.toByteArray()).isEqualTo(bytes);
    }

    @Test
    void next_streamThatFails_failsAfterWhatCameBefore() throws IOException {
        InputStream failing = new InputStream() {
            private int left = 3 * PIECE;

            @Override
            public int read() throws IOException {
                if (left-- == 0) {
                    throw new IOException("broken");
                }
                return 7;
            }
        };
        try (ReadAhead ahead = new ReadAhead(failing)) {
            for (int i = 0; i < 3; i++) {
                assertThat(ahead.next().length()).isEqualTo(PIECE);
            }
            assertThatExceptionOfType(IOException.class).isThrownBy(ahead::next).withMessage("broken");
            assertThat(ahead.next().length()).isZero();
        }
    }

    @Test
    void close_beforeTheEnd_closesTheStream() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 0;
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                return length;
            }

            @Override
            public void close() {
                closed.countDown();
            }
        };
        try (ReadAhead ahead = new ReadAhead(endless)) {
            ahead.next();
            ahead.next();
        }
        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
    }
}
