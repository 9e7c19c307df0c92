package dev.kiln.layercache.layer;

import java.util.Arrays;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/** The JDK's zlib decides what is right. */
class FastDeflateTest {
    private final FastDeflate deflate = new FastDeflate();

    @Test
    void compress_shortInputs_allReadBack() throws DataFormatException {
        byte[] text = "abcabcabcabcxyzxyzxyzxyz aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".getBytes(UTF_8);
        for (int length = 0; length <= text.length; length++) {
            assertReadsBack(Arrays.copyOf(text, length));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {65_535, 65_536, 65_537, 131_071, 131_072, 1_000_000})
    void compress_sizesAroundChunks_readBack(int size) throws DataFormatException {
        assertReadsBack(new byte[size]);
        byte[] random = new byte[size];
        new Random(size).nextBytes(random);
        assertReadsBack(random);
        assertReadsBack(mixed(new Random(size), size));
    }

    @Test
    void compress_inputsOfAllKinds_readBack() throws DataFormatException {
        Random random = new Random(11);
        for (int i = 0; i < 400; i++) {
            assertReadsBack(mixed(random, random.nextInt(200_000)));
        }
    }

    @Test
    void compress_matchesAtTheGreatestDistance_readBack() throws DataFormatException {
        for (int distance : new int[]{32_767, 32_768, 32_769}) {
            byte[] input = new byte[100_000];
            new Random(distance).nextBytes(input);
            System.arraycopy(input, 0, input, distance, 20_000);
            assertReadsBack(input);
        }
    }

    @Test
    void compress_countsLikeFibonacci_keepsCodesShort() throws DataFormatException {
        byte[] input = new byte[65_000];
        int at = 0;
        long a = 1;
        long b = 1;
        for (int symbol = 0; at < input.length; symbol++) {
            for (long i = 0; i < a && at < input.length; i++) {
                input[at++] = (byte) symbol;
            }
            b += a;
            a = b - a;
        }
        Random random = new Random(3);
        for (int i = input.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            byte kept = input[i];
            input[i] = input[other];
            input[other] = kept;
        }
        assertReadsBack(input);
    }

    @Test
    void compress_afterOtherInput_givesTheSameBytes() {
        byte[] input = mixed(new Random(1), 300_000);
        byte[] first = compress(input);
        compress(mixed(new Random(2), 300_000));
        assertThat(compress(input)).isEqualTo(first);
    }

    @Test
    void compress_longerArrayThanInput_readsOnlyTheInput() {
        byte[] input = mixed(new Random(1), 5_000);
        byte[] longer = Arrays.copyOf(input, 6_000);
        byte[] out = new byte[FastDeflate.bound(5_000)];
        int end = deflate.compress(longer, 5_000, out, 0);
        Arrays.fill(longer, 5_000, 6_000, (byte) 9);
        byte[] again = new byte[FastDeflate.bound(5_000)];
        assertThat(deflate.compress(longer, 5_000, again, 0)).isEqualTo(end);
        assertThat(again).isEqualTo(out);
    }

    @Test
    void compress_text_isAboutAsShortAsZlibMakesIt() {
        StringBuilder text = new StringBuilder();
        Random random = new Random(4);
        while (text.length() < 500_000) {
            text.append("2026-01-01T00:00:00Z INFO id=")
                .append(random.nextInt())
                .append(" path=/api/items/")
                .append(random.nextInt(1000))
                .append('\n');
        }
        byte[] input = text.toString().getBytes(UTF_8);
        Deflater zlib = new Deflater(1, true);
        zlib.setInput(input);
        zlib.finish();
        int best = zlib.deflate(new byte[input.length]);
        zlib.end();
        assertThat(compress(input).length).isLessThan(best * 5 / 4);
    }

    /** Pieces of noise, of few symbols, of repeats near and far. */
    private static byte[] mixed(Random random, int size) {
        byte[] bytes = new byte[size];
        for (int at = 0; at < size;) {
            int length = Math.min(size - at, 1 + random.nextInt(3000));
            int kind = random.nextInt(4);
            int symbols = 1 + random.nextInt(kind == 0 ? 256 : 8);
            int back = 1 + random.nextInt(Math.max(1, at));
            for (int i = at; i < at + length; i++) {
                bytes[i] = kind < 2 || at == 0 ? (byte) random.nextInt(symbols) : bytes[i - back];
            }
            at += length;
        }
        return bytes;
    }

    private byte[] compress(byte[] input) {
        byte[] out = new byte[7 + FastDeflate.bound(input.length)];
        int end = deflate.compress(input, input.length, out, 7);
        return Arrays.copyOfRange(out, 7, end);
    }

    private void assertReadsBack(byte[] input) throws DataFormatException {
        byte[] out = new byte[7 + FastDeflate.bound(input.length)];
        int end = deflate.compress(input, input.length, out, 7);
        Inflater inflater = new Inflater(true);
        inflater.setInput(out, 7, end - 7);
        byte[] back = new byte[input.length + 1];
        int length = inflater.inflate(back);
        assertThat(inflater.finished()).as("%s bytes", input.length).isTrue();
        assertThat(inflater.getRemaining()).isZero();
        inflater.end();
        assertThat(length).isEqualTo(input.length);
        assertThat(Arrays.equals(back, 0, length, input, 0, length)).isTrue();
    }
}
