package dev.kiln.layercache.layer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Deflate (RFC 1951) for speed: several times as fast as zlib's level 1 at about the same size, and the same bytes on every
 * machine, whatever zlib it has.
 *
 * <p>The input is cut into chunks. In each, one look into a hash table finds the last place that began with the same bytes;
 * where nothing is found for long, steps grow, so that data without repeats costs little. What was found becomes a list of
 * sequences, a run of literals and then a match each; their symbols are counted, and the chunk is written with the Huffman
 * code for just these counts, or stored as it is when that is shorter. For one thread at a time.
 */
final class FastDeflate {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int CHUNK = 1 << 16;
    private static final int STORED_MAX = 0xffff;
    private static final int HASH_BITS = 15;
    private static final int NOWHERE = Integer.MIN_VALUE / 2;
    private static final int MAX_DISTANCE = 1 << 15;
    private static final int MIN_MATCH = 4;
    private static final int MAX_MATCH = 258;
    private static final int END_OF_BLOCK = 256;
    private static final int LITERALS = 286;
    private static final int DISTANCES = 30;
    private static final byte[] CODE_LENGTH_ORDER = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

    /** By length less 3: the symbol less 257 in the low byte, above it how many extra bits, above that their value. */
    private static final int[] LENGTH_SYMBOLS = lengthSymbols();

    private final int[] table = new int[1 << HASH_BITS];
    /** A run of literals, then length and distance, in turns. */
    private final int[] sequences = new int[2 * (CHUNK / MIN_MATCH + 1)];
    private int sequenceCount;
    private final int[] literalCounts = new int[LITERALS];
    private final int[] distanceCounts = new int[DISTANCES];
    private final int[] codeLengthCounts = new int[19];
    private final HuffmanCode literalCode = new HuffmanCode(LITERALS, 15);
    private final HuffmanCode distanceCode = new HuffmanCode(DISTANCES, 15);
    private final HuffmanCode codeLengthCode = new HuffmanCode(19, 7);
    private final int[] runs = new int[LITERALS + DISTANCES];
    private byte[] in = new byte[0];
    private byte[] out = new byte[0];
    private int position;
    private long bits;
    private int bitCount;

    /** The most that {@code length} bytes can become, with room to write in whole words. */
    static int bound(int length) {
        return length + (length >> 11) + 64;
    }

    /**
     * Compresses the first {@code length} bytes of {@code input} into {@code output} from {@code at}, where there must be
     * room for {@link #bound}; returns where the result ends.
     */
    int compress(byte[] input, int length, byte[] output, int at) {
        in = input;
        out = output;
        position = at;
        bits = 0;
        bitCount = 0;
        Arrays.fill(table, NOWHERE);
        int start = 0;
        do {
            int end = Math.min(start + CHUNK, length);
            writeChunk(start, end, end == length);
            start = end;
        } while (start < length);
        alignToByte();
        return position;
    }

    private void writeChunk(int start, int end, boolean last) {
        findMatches(start, end);
        count(start, end);
        literalCode.build(literalCounts);
        distanceCode.build(distanceCounts);
        int runCount = encodeLengths();
        long dynamicBits = headerBits(runCount) + bodyBits();
        long storedBits = 8L * (end - start) + 48L * ((end - start) / STORED_MAX + 1);
        if (dynamicBits < storedBits) {
            put(last ? 5 : 4, 3);
            writeHeader(runCount);
            writeBody(start, end);
        } else {
            writeStored(start, end, last);
        }
    }

    private void findMatches(int start, int end) {
        byte[] data = in;
        int[] heads = table;
        int[] found = sequences;
        int count = 0;
        int literals = start;
        int limit = Math.min(end, data.length - 8) - 8;
        for (int at = start; at < limit;) {
            long word = (long) LONG.get(data, at);
            int hash = hash(word);
            int candidate = heads[hash];
            heads[hash] = at;
            if (candidate < at - MAX_DISTANCE || (int) word != (int) INT.get(data, candidate)) {
                at += 1 + (at - literals >> 5);
                continue;
            }
            int distance = at - candidate;
            int stop = Math.min(end, at + MAX_MATCH);
            int matchEnd = matchEnd(data, at + MIN_MATCH, candidate + MIN_MATCH, stop);
            while (at > literals && at > distance && matchEnd - at < MAX_MATCH
                    && data[at - 1] == data[at - 1 - distance]) {
                at--;
            }
            found[count++] = at - literals;
            found[count++] = matchEnd - at << 16 | distance;
            at = matchEnd;
            literals = at;
            if (at < limit) {
                heads[hash((long) LONG.get(data, at - 2))] = at - 2;
            }
        }
        sequenceCount = count;
    }

    /** Of five bytes: four hit too much by chance. */
    private static int hash(long word) {
        return (int) ((word << 24) * 889523592379L >>> 64 - HASH_BITS);
    }

    private static int matchEnd(byte[] data, int from, int candidateFrom, int stop) {
        int at = from;
        int candidate = candidateFrom;
        while (at + 8 <= stop) {
            long difference = (long) LONG.get(data, at) ^ (long) LONG.get(data, candidate);
            if (difference != 0) {
                return at + (Long.numberOfTrailingZeros(difference) >> 3);
            }
            at += 8;
            candidate += 8;
        }
        while (at < stop && data[at] == data[candidate]) {
            at++;
            candidate++;
        }
        return at;
    }

    private void count(int start, int end) {
        Arrays.fill(literalCounts, 0);
        Arrays.fill(distanceCounts, 0);
        int at = start;
        for (int i = 0; i < sequenceCount; i += 2) {
            countLiterals(at, at + sequences[i]);
            int length = sequences[i + 1] >>> 16;
            literalCounts[257 + (LENGTH_SYMBOLS[length - 3] & 0xff)]++;
            distanceCounts[distanceSymbol(sequences[i + 1] & 0xffff)]++;
            at += sequences[i] + length;
        }
        countLiterals(at, end);
        literalCounts[END_OF_BLOCK]++;
    }

    private void countLiterals(int from, int to) {
        byte[] data = in;
        int[] counts = literalCounts;
        for (int i = from; i < to; i++) {
            counts[data[i] & 0xff]++;
        }
    }

    private static int distanceSymbol(int distance) {
        int rest = distance - 1;
        if (rest < 4) {
            return rest;
        }
        int high = 31 - Integer.numberOfLeadingZeros(rest);
        return 2 * high + (rest >> high - 1 & 1);
    }

    private static int distanceExtraBits(int symbol) {
        return symbol < 4 ? 0 : (symbol >> 1) - 1;
    }

    private static int[] lengthSymbols() {
        int[] symbols = new int[256];
        for (int i = 0; i < 255; i++) {
            int high = i < 8 ? 0 : 29 - Integer.numberOfLeadingZeros(i);
            int symbol = i < 8 ? i : 4 * high + (i >> high);
            symbols[i] = symbol | high << 8 | (i & (1 << high) - 1) << 16;
        }
        symbols[255] = 28;
        return symbols;
    }

    private long bodyBits() {
        long sum = 0;
        for (int symbol = 0; symbol < LITERALS; symbol++) {
            int extra = symbol < 265 || symbol == 285 ? 0 : symbol - 261 >> 2;
            sum += (long) literalCounts[symbol] * (literalCode.lengths()[symbol] + extra);
        }
        for (int symbol = 0; symbol < DISTANCES; symbol++) {
            sum += (long) distanceCounts[symbol] * (distanceCode.lengths()[symbol] + distanceExtraBits(symbol));
        }
        return sum;
    }

    /** Writes the lengths of both codes as runs (RFC 1951, 3.2.7), symbol and extra bits each, and returns how many. */
    private int encodeLengths() {
        int[] lengths = new int[LITERALS + DISTANCES];
        System.arraycopy(literalCode.lengths(), 0, lengths, 0, LITERALS);
        System.arraycopy(distanceCode.lengths(), 0, lengths, LITERALS, DISTANCES);
        Arrays.fill(codeLengthCounts, 0);
        int count = 0;
        for (int i = 0; i < lengths.length;) {
            int end = i + 1;
            while (end < lengths.length && lengths[end] == lengths[i]) {
                end++;
            }
            count = encodeRun(lengths[i], end - i, count);
            i = end;
        }
        codeLengthCode.build(codeLengthCounts);
        return count;
    }

    private int encodeRun(int length, int times, int countBefore) {
        int count = countBefore;
        int left = times;
        if (length != 0) {
            count = addRun(length, 0, count);
            left--;
        }
        while (left > 0) {
            if (left < 3) {
                count = addRun(length, 0, count);
                left--;
            } else if (length != 0) {
                int repeat = Math.min(left, 6);
                count = addRun(16, repeat - 3, count);
                left -= repeat;
            } else {
                int repeat = Math.min(left, 138);
                count = repeat < 11 ? addRun(17, repeat - 3, count) : addRun(18, repeat - 11, count);
                left -= repeat;
            }
        }
        return count;
    }

    private int addRun(int symbol, int extra, int count) {
        codeLengthCounts[symbol]++;
        runs[count] = symbol | extra << 8;
        return count + 1;
    }

    private static int runExtraBits(int symbol) {
        return switch (symbol) {
            case 16 -> 2;
            case 17 -> 3;
            case 18 -> 7;
            default -> 0;
        };
    }

    private int codeLengthsWritten() {
        int count = CODE_LENGTH_ORDER.length;
        while (count > 4 && codeLengthCode.lengths()[CODE_LENGTH_ORDER[count - 1]] == 0) {
            count--;
        }
        return count;
    }

    private long headerBits(int runCount) {
        long sum = 17 + 3L * codeLengthsWritten();
        for (int i = 0; i < runCount; i++) {
            int symbol = runs[i] & 0xff;
            sum += codeLengthCode.lengths()[symbol] + runExtraBits(symbol);
        }
        return sum;
    }

    private void writeHeader(int runCount) {
        put(LITERALS - 257, 5);
        put(DISTANCES - 1, 5);
        int written = codeLengthsWritten();
        put(written - 4, 4);
        for (int i = 0; i < written; i++) {
            put(codeLengthCode.lengths()[CODE_LENGTH_ORDER[i]], 3);
        }
        for (int i = 0; i < runCount; i++) {
            int symbol = runs[i] & 0xff;
            int code = codeLengthCode.codes()[symbol];
            put(code & 0xffff, code >> 16);
            put(runs[i] >> 8, runExtraBits(symbol));
        }
    }

    private void writeBody(int start, int end) {
        int[] literal = literalCode.codes();
        int[] distance = distanceCode.codes();
        int at = start;
        for (int i = 0; i < sequenceCount; i += 2) {
            writeLiterals(at, at + sequences[i], literal);
            int length = sequences[i + 1] >>> 16;
            int far = sequences[i + 1] & 0xffff;
            int lengthSymbol = LENGTH_SYMBOLS[length - 3];
            int code = literal[257 + (lengthSymbol & 0xff)];
            put(code & 0xffff, code >> 16);
            put(lengthSymbol >> 16, lengthSymbol >> 8 & 0xff);
            int symbol = distanceSymbol(far);
            int extra = distanceExtraBits(symbol);
            code = distance[symbol];
            put(code & 0xffff, code >> 16);
            put(far - 1 & (1 << extra) - 1, extra);
            at += sequences[i] + length;
        }
        writeLiterals(at, end, literal);
        put(literal[END_OF_BLOCK] & 0xffff, literal[END_OF_BLOCK] >> 16);
    }

    /** Three codes at most are 45 bits, which with 7 left over fit a word. */
    private void writeLiterals(int from, int to, int[] code) {
        byte[] data = in;
        byte[] to8 = out;
        long word = bits;
        int count = bitCount;
        int pos = position;
        int i = from;
        for (; i + 3 <= to; i += 3) {
            int a = code[data[i] & 0xff];
            int b = code[data[i + 1] & 0xff];
            int c = code[data[i + 2] & 0xff];
            word |= (long) (a & 0xffff) << count;
            count += a >> 16;
            word |= (long) (b & 0xffff) << count;
            count += b >> 16;
            word |= (long) (c & 0xffff) << count;
            count += c >> 16;
            LONG.set(to8, pos, word);
            pos += count >> 3;
            word >>>= count & ~7;
            count &= 7;
        }
        bits = word;
        bitCount = count;
        position = pos;
        for (; i < to; i++) {
            put(code[data[i] & 0xff] & 0xffff, code[data[i] & 0xff] >> 16);
        }
    }

    private void writeStored(int start, int end, boolean last) {
        int at = start;
        do {
            int length = Math.min(STORED_MAX, end - at);
            put(last && at + length == end ? 1 : 0, 3);
            alignToByte();
            put(length, 16);
            put(~length & 0xffff, 16);
            System.arraycopy(in, at, out, position, length);
            position += length;
            at += length;
        } while (at < end);
    }

    private void put(long value, int count) {
        bits |= value << bitCount;
        bitCount += count;
        LONG.set(out, position, bits);
        position += bitCount >> 3;
        bits >>>= bitCount & ~7;
        bitCount &= 7;
    }

    private void alignToByte() {
        if (bitCount > 0) {
            put(0, 8 - bitCount);
        }
    }
}
