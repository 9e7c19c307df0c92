package dev.kiln.layercache.layer;

import java.util.Arrays;

/**
 * A Huffman code for counted symbols with a greatest length, in the canonical form of deflate (RFC 1951, 3.2.2). Reused: each
 * {@link #build} replaces the code before.
 */
final class HuffmanCode {
    private static final int MAX_DEPTH = 64;
    private final int maxLength;
    private final int[] lengths;
    private final int[] codes;
    private final long[] sorted;
    private final int[] weights;
    private final int[] parents;

    HuffmanCode(int symbols, int maxLength) {
        this.maxLength = maxLength;
        lengths = new int[symbols];
        codes = new int[symbols];
        sorted = new long[symbols];
        weights = new int[2 * symbols];
        parents = new int[2 * symbols];
    }

    /** Bits of each symbol's code; 0 for symbols that do not occur. */
    int[] lengths() {
        return lengths;
    }

    /** For each symbol the bits of its code in the order they are written, the first lowest, and above bit 16 how many. */
    int[] codes() {
        return codes;
    }

    /**
     * Makes the code for these counts. At least two symbols get a code, for decoders refuse codes that are not complete;
     * so {@code counts} is changed where fewer occur.
     */
    void build(int[] counts) {
        int used = sort(counts);
        for (int symbol = 0; used < 2; symbol++) {
            if (counts[symbol] == 0) {
                counts[symbol] = 1;
                used = sort(counts);
            }
        }
        int[] perLength = limited(depths(used));
        Arrays.fill(lengths, 0);
        int next = 0;
        for (int length = maxLength; length > 0; length--) {
            for (int i = 0; i < perLength[length]; i++) {
                lengths[(int) (sorted[next++] & 0xffff)] = length;
            }
        }
        assignCodes(perLength);
    }

    private int sort(int[] counts) {
        int used = 0;
        for (int symbol = 0; symbol < counts.length; symbol++) {
            if (counts[symbol] > 0) {
                sorted[used++] = (long) counts[symbol] << 16 | symbol;
            }
        }
        Arrays.sort(sorted, 0, used);
        return used;
    }

    /** How many symbols have each depth in the Huffman tree: leaves and inner nodes are two queues, lightest first. */
    private int[] depths(int used) {
        for (int i = 0; i < used; i++) {
            weights[i] = (int) (sorted[i] >>> 16);
        }
        int leaf = 0;
        int inner = used;
        int root = 2 * used - 2;
        for (int node = used; node <= root; node++) {
            weights[node] = 0;
            for (int child = 0; child < 2; child++) {
                boolean takeLeaf = leaf < used && (inner >= node || weights[leaf] <= weights[inner]);
                int taken = takeLeaf ? leaf++ : inner++;
                weights[node] += weights[taken];
                parents[taken] = node;
            }
        }
        int[] perDepth = new int[MAX_DEPTH];
        weights[root] = 0;
        for (int node = root - 1; node >= 0; node--) {
            // From here on the weight of a node is its depth.
            weights[node] = weights[parents[node]] + 1;
            if (node < used) {
                perDepth[weights[node]]++;
            }
        }
        return perDepth;
    }

    /**
     * Shortens what is too long and keeps the code complete: of two codes too long one takes the place above both, and the
     * other shares that of a shorter one, which becomes a bit longer (ITU-T T.81, K.2, figure K.3).
     */
    private int[] limited(int[] perLength) {
        for (int length = MAX_DEPTH - 1; length > maxLength; length--) {
            while (perLength[length] > 0) {
                int shorter = length - 2;
                while (perLength[shorter] == 0) {
                    shorter--;
                }
                perLength[length] -= 2;
                perLength[length - 1]++;
                perLength[shorter + 1] += 2;
                perLength[shorter]--;
            }
        }
        return perLength;
    }

    private void assignCodes(int[] perLength) {
        int[] nextCode = new int[maxLength + 1];
        int code = 0;
        for (int length = 1; length <= maxLength; length++) {
            nextCode[length] = code;
            code = code + perLength[length] << 1;
        }
        for (int symbol = 0; symbol < lengths.length; symbol++) {
            int length = lengths[symbol];
            codes[symbol] = length == 0
                    ? 0
                    : Integer.reverse(nextCode[length]++) >>> 32 - length | length << 16;
        }
    }
}
